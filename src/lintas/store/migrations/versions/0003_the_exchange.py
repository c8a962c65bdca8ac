"""The exchange: peers, threads, messages, private matching."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import lintas.store.tables

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message", "place", name=op.f("pk_attachments")),
    )
    op.create_table(
        "batches",
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("peer", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("scalars", sa.JSON(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("hits", sa.JSON(), nullable=True),
        sa.Column("answered_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_batches")),
    )
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batches_run"), ["run"], unique=False)

    op.create_table(
        "match_spent",
        sa.Column("peer", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("peer", "day", name=op.f("pk_match_spent")),
    )
    op.create_table(
        "messages",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("peer", sa.String(length=64), nullable=False),
        sa.Column("thread", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.JSON(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("n_tries", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("recalled_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_messages")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messages_direction_peer_id"), ["direction", "peer", "id"], unique=True)
        batch_op.create_index(batch_op.f("ix_messages_status_peer"), ["status", "peer"], unique=False)
        batch_op.create_index(batch_op.f("ix_messages_thread"), ["thread"], unique=False)

    op.create_table(
        "offers",
        sa.Column("peer", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("peer", "name", name=op.f("pk_offers")),
    )
    op.create_table(
        "peers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("added_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peers")),
    )
    op.create_table(
        "tag_sets",
        sa.Column("peer", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("peer", "name", name=op.f("pk_tag_sets")),
    )
    op.create_table(
        "threads",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("peer", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("opened_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_threads")),
    )
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_threads_peer_id"), ["peer", "id"], unique=True)

    with op.batch_alter_table("proposals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("clearance", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("proposals", schema=None) as batch_op:
        batch_op.drop_column("clearance")

    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_threads_peer_id"))

    op.drop_table("threads")
    op.drop_table("tag_sets")
    op.drop_table("peers")
    op.drop_table("offers")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messages_thread"))
        batch_op.drop_index(batch_op.f("ix_messages_status_peer"))
        batch_op.drop_index(batch_op.f("ix_messages_direction_peer_id"))

    op.drop_table("messages")
    op.drop_table("match_spent")
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_batches_run"))

    op.drop_table("batches")
    op.drop_table("attachments")
