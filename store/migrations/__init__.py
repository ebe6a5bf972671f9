"""Migrations: immutable once merged."""
