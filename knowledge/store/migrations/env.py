"""Alembic runs this file. The connection, with its transaction and lock, comes from `migrate.upgrade`.

To change the schema: change `schema.py`, write the next numbered file in `versions/` by hand, and let
`tests/knowledge/store/test_migrations.py` tell whether the two agree on both databases.
"""

from alembic import context

from knowledge.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
