"""Floor 2: the only room that knows a database. SQLAlchemy Core on SQLite or PostgreSQL, the same code."""
