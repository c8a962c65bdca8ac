"""TAXII 2.1: roots, collections, objects, statuses, accounts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import lintas.store.tables

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "taxii_accounts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.String(length=64), nullable=False),
        sa.Column("n_failed", sa.Integer(), nullable=False),
        sa.Column("waits_until", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_taxii_accounts")),
    )
    op.create_table(
        "taxii_collections",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("alias", sa.String(length=255), nullable=True),
        sa.Column("can_read", sa.Boolean(), nullable=False),
        sa.Column("can_write", sa.Boolean(), nullable=False),
        sa.Column("media_types", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_taxii_collections")),
    )
    with op.batch_alter_table("taxii_collections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_taxii_collections_root_id"), ["root", "id"], unique=True)

    op.create_table(
        "taxii_objects",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("collection", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=288), nullable=False),
        sa.Column("type", sa.String(length=250), nullable=False),
        sa.Column("spec_version", sa.String(length=8), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("version_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("added_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_taxii_objects")),
    )
    with op.batch_alter_table("taxii_objects", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_taxii_objects_collection_id_version_at"), ["collection", "id", "version_at"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_taxii_objects_collection_added_at_number"),
            ["collection", "added_at", "number"],
            unique=False,
        )

    op.create_table(
        "taxii_roots",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("information", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_taxii_roots")),
    )
    op.create_table(
        "taxii_statuses",
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("root", "id", name=op.f("pk_taxii_statuses")),
    )


def downgrade() -> None:
    raise NotImplementedError("The way back is the backup that was made before the upgrade: lintas restore.")
