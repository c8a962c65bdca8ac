"""The log: who read and wrote what, each row chained to the one before. A database of its own on SQLite."""
