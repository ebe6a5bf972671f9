"""Measurements of this machine: how fast the parts are, with their results checked."""
