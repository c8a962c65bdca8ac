"""The tables of the log. All is text as it was hashed, so that a row reads back to the very bytes."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})

log = Table(
    "log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3, ... without a gap
    Column("at", String(32), nullable=False),  # 2026-03-01T09:00:00.000000+00:00
    Column("officer", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("via", Text, nullable=False),  # command, session, token, and the start of its hash
    Column("verb", String(64), nullable=False),
    Column("object", Text, nullable=False),
    Column("outcome", String(16), nullable=False),  # asked, done, refused
    Column("subjects", Text, nullable=False),  # JSON: ["entity:un-1", "run:5"]
    Column("details", Text, nullable=False),  # JSON
    Column("hash", String(64), nullable=False),  # SHA-256 of this row and the hash of the one before
    Column("mac", String(64), nullable=False),  # HMAC-SHA256 of the hash: with the database alone nobody adds a row
    Index(None, "officer"),
    Index(None, "at"),
    Index(None, "verb"),
)

# Where a subject is named; made of the rows, and checked against them.
log_subjects = Table(
    "log_subjects",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Index(None, "number"),
)

# The Merkle tree over the hashes of the rows: each complete subtree, by the row that completed it and its level (1: two
# rows). Made of the rows, and checked against them.
log_tree = Table(
    "log_tree",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
)
