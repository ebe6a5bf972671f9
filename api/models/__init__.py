"""What goes over the wire, one module a group of nouns."""
