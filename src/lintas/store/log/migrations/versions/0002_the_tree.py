"""The Merkle tree over the rows, of those too that were there before.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from lintas.model.batch import batched
from lintas.model.merkle import Growth, leaf

revision = "0002"
down_revision = "0001"
PIECE = 2000  # rows at once


def upgrade() -> None:
    made = op.create_table(
        "log_tree",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", "level", name=op.f("pk_log_tree")),
    )
    log, connection, growth = sa.table("log", sa.column("number"), sa.column("hash")), op.get_bind(), Growth()
    hashes = connection.execute(sa.select(log.c.hash).order_by(log.c.number)).scalars()
    kept = (
        {"number": number, "level": level, "hash": one.hex()}
        for number, digest in enumerate(hashes, 1)
        for level, one in enumerate(growth.add(leaf(str(digest).encode())), 1)
    )
    for piece in batched(kept, PIECE):
        connection.execute(sa.insert(made), list(piece))


def downgrade() -> None:
    op.drop_table("log_tree")
