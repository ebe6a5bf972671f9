"""From the air to the table: consumer, mailbox, decode, pipeline, quarantine."""
