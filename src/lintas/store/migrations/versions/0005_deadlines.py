"""Deadlines: by which agreement they are reckoned with a node; when a message came in, by this node's clock."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("peers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agreement", sa.String(length=64), nullable=True))
    op.execute("UPDATE messages SET settled_at = at WHERE direction = 'in'")


def downgrade() -> None:
    with op.batch_alter_table("peers", schema=None) as batch_op:
        batch_op.drop_column("agreement")
