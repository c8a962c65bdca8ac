"""A question about a message, or the answer to such a question."""
