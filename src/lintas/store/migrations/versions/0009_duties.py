"""Duties: who is on duty for the exchange, who stands in for whom, and where they are told that something waits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import lintas.store.tables

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "duties",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("instead_of", sa.String(length=64), nullable=True),
        sa.Column("begins_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_duties")),
    )
    with op.batch_alter_table("duties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duties_ends_at"), ["ends_at"], unique=False)
    with op.batch_alter_table("officers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("rung_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("notified_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("The way back is the backup that was made before the upgrade: lintas restore.")
