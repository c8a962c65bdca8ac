"""Alembic's door: it works on the connection that `store.revisions` hands in."""

from alembic import context

from lintas.store.revisions import VERSION_TABLES
from lintas.store.tables import metadata

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    version_table=VERSION_TABLES[attributes["tables"]],
)
with context.begin_transaction():
    context.run_migrations()
