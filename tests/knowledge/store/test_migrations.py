"""The migrations and `schema.py` say the same."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from knowledge.store import Store
from knowledge.store.migrate import configuration
from knowledge.store.schema import metadata


def test_migrating_an_empty_database_gives_the_schema_of_the_code(empty_url: str) -> None:
    Store.open(empty_url).close()
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    engine.dispose()
    assert found == []


def test_migrations_form_one_line() -> None:
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1
