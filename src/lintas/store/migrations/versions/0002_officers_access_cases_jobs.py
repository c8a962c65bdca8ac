"""Officers with roles, access by case, four eyes, jobs; the log moves to tables of its own."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

import lintas.store.tables

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# For the check after an upgrade: every other table holds as many rows as before, under its name.
EMPTIES = {"credentials": "everybody signs in again; tokens are made anew with a scope"}
RENAMES = {"audit": "unchained_log"}
EVERY_ROLE = ["administrator", "analyst", "custodian", "inspector", "liaison", "supervisor"]


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("assigned_by", sa.String(length=64), nullable=False),
        sa.Column("assigned_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case", "officer", name=op.f("pk_assignments")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignments_officer"), ["officer"], unique=False)

    op.create_table(
        "broken_glass",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.String(length=64), nullable=True),
        sa.Column("reviewed_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("review", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_broken_glass")),
    )
    with op.batch_alter_table("broken_glass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broken_glass_officer"), ["officer"], unique=False)

    op.create_table(
        "cases",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_cases")),
    )
    op.create_table(
        "challenges",
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("expires_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("secret_sha256", name=op.f("pk_challenges")),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=512), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("created_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("n_done", sa.Integer(), nullable=False),
        sa.Column("n_total", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("every_h", sa.Float(), nullable=True),
        sa.Column("touched_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("n_tries", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jobs_status_due_at"), ["status", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_run"), ["run"], unique=False)

    op.create_table(
        "outcomes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("match", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outcomes")),
    )
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outcomes_match"), ["match"], unique=False)

    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=512), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("created_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
    )
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkeys_officer"), ["officer"], unique=False)

    op.create_table(
        "proposals",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=64), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("match", sa.Integer(), nullable=True),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("carried_out_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_proposals")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.rename_table("audit", "unchained_log")
    op.execute(sa.delete(sa.table("credentials")))
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("label", sa.String(length=255), nullable=False))
        batch_op.add_column(sa.Column("purpose", sa.String(length=32), nullable=False))
        batch_op.add_column(sa.Column("verbs", sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f("ix_credentials_officer_kind"), ["officer", "kind"], unique=False)
        batch_op.drop_column("role")

    officers = _grown(
        "officers",
        ("name", sa.String(length=255)),
        ("agency", sa.String(length=64)),
        ("clearance", sa.Integer()),
        ("roles", sa.JSON()),
        ("n_failed", sa.Integer()),
        ("preferences", sa.JSON()),
    )
    role = sa.column("role", sa.String())
    for old, roles, clearance in (("owner", EVERY_ROLE, 3), ("analyst", ["analyst"], 1), ("reader", ["liaison"], 1)):
        op.execute(sa.update(officers).where(role == old).values(roles=roles, clearance=clearance))
    op.execute(sa.update(officers).values(name=sa.column("id", sa.String()), agency="own", n_failed=0, preferences={}))
    with op.batch_alter_table("officers", schema=None) as batch_op:
        for name in ("name", "agency", "clearance", "roles", "n_failed", "preferences"):
            batch_op.alter_column(name, nullable=False)
        batch_op.add_column(sa.Column("disabled_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("passphrase", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("waits_until", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
        batch_op.drop_column("role")

    runs = _grown(
        "runs",
        ("agency", sa.String(length=64)),
        ("clearance", sa.Integer()),
        ("purpose", sa.String(length=32)),
    )
    op.execute(sa.update(runs).values(agency="own", clearance=1, purpose="screening"))
    with op.batch_alter_table("runs", schema=None) as batch_op:
        for name in ("agency", "clearance", "purpose"):
            batch_op.alter_column(name, nullable=False)
        batch_op.add_column(sa.Column("case", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("held_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("held_by", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("hold_reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("erased_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("erasure", sa.JSON(), nullable=True))

    with op.batch_alter_table("matches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decided_at", lintas.store.tables.UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_matches_run_verdict_score"), ["run", "verdict", "score"], unique=False)
    matches = sa.table("matches", sa.column("number"), sa.column("decided_at"))
    decisions = sa.table("decisions", sa.column("match"), sa.column("at"))
    last = sa.select(sa.func.max(decisions.c.at)).where(decisions.c.match == matches.c.number).scalar_subquery()
    op.execute(sa.update(matches).values(decided_at=last))


def _grown(name: str, *columns: tuple[str, Any]) -> sa.TableClause:
    """Add columns that may be empty until every row was given a value."""
    with op.batch_alter_table(name, schema=None) as batch_op:
        for column, kind in columns:
            batch_op.add_column(sa.Column(column, kind))
    return sa.table(name, *(sa.column(column, kind) for column, kind in columns))


def downgrade() -> None:
    raise NotImplementedError("The way back is the backup that was made before the upgrade: lintas restore.")
