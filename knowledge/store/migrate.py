"""Brings a database to the schema that this version of the code works with."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from knowledge.errors import ZhengdaError
from knowledge.store.engine import for_writing

# Any constant will do, as long as it stays the same: PostgreSQL's advisory locks go by number.
_LOCK = 0x5A44


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, in one transaction; processes that start together take turns.

    Raises ZhengdaError, and changes nothing, when the database was migrated by newer code.
    """
    config = configuration()
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        if _revision(connection) == scripts.get_current_head():
            return
    with for_writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = _revision(connection)
        if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
            raise ZhengdaError(f"数据库的版本（{found}）比程序新，请升级程序，或换回与程序相配的数据库")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def configuration() -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", "knowledge.store:migrations")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
