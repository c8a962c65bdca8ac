"""Canaries in the sets of private matching, and the alarms that they raised."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import lintas.store.tables

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "canary_alarms",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("peer", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_canary_alarms")),
    )
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("canaries", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("canary_tags", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("ended_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tags", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_column("tags")
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_column("ended_at")
        batch_op.drop_column("canary_tags")
        batch_op.drop_column("canaries")
    op.drop_table("canary_alarms")
