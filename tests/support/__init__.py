"""What tests share: real servers, child processes, a cable that can be cut."""
