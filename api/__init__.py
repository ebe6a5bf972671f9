"""The REST API, the live stream, and the built dashboard: HTTP at the rim, no rules of its own."""
