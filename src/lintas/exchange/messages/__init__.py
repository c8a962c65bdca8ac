"""Types of message, one per folder."""
