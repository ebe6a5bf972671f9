"""The command line and what it starts: embedded database and broker, processes, doctor."""
