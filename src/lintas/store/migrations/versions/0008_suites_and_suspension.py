"""Nodes of other agencies: the suite that an officer chose for one, and what the directory of nodes says of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import lintas.store.tables

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("peers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("suite", sa.String(length=16), nullable=True))
        for name in ("listed_at", "suspended_at"):
            batch_op.add_column(sa.Column(name, lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("suspended_for", sa.String(length=16), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("The way back is the backup that was made before the upgrade: lintas restore.")
