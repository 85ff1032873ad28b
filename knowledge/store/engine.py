"""Connections to SQLite and PostgreSQL, set up so that transactions mean the same on both."""

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from knowledge.errors import InvalidValue, ZhengdaError

BUSY_SECONDS = 10
_EXPECTED = "应形如 sqlite:////data/zhengda.sqlite 或 postgresql+psycopg://用户:密码@主机/库名"


def connect(url: str) -> Engine:
    """An engine for the database at `url`; InvalidValue when the URL is of no use.

    Nothing but a SQLite file is touched yet.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidValue("数据库地址", url.rpartition("@")[2], _EXPECTED) from error
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        return _sqlite(parsed)
    raise InvalidValue("数据库地址", parsed.render_as_string(), _EXPECTED)


def for_reading(engine: Engine) -> Engine:
    """The engine, with transactions that see one state of the database throughout."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def for_writing(engine: Engine) -> Engine:
    """The engine, with transactions that take SQLite's write lock when they begin.

    A transaction that reads first and asks for the lock later would fail when another came between.
    """
    return engine.execution_options(begin="BEGIN IMMEDIATE")


def not_waiting(connection: Connection) -> None:
    """Within a transaction: let its commit not wait for the disk. On SQLite `lasting` of the engine has done it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_pre_ping=True,
        connect_args={"connect_timeout": BUSY_SECONDS, "options": "-c timezone=UTC"},
    )


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    if not path.absolute().parent.is_dir():
        raise ZhengdaError(f"无法打开数据库 {path}：文件夹 {path.absolute().parent} 不存在，请先建立")
    _make_private(path)
    _use_wal(path)
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=20,
        max_overflow=40,
        # A connection serves one thread at a time, though not always the thread that made it.
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Make a new file one that its owner alone may read: it is to hold telephone numbers and password hashes.

    SQLite gives the files beside it the same mode. What exists stays as it is, and why a file cannot be made
    SQLite tells when it opens it.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _use_wal(path: Path) -> None:
    """Switch the file to WAL, once. SQLite does not wait for locks while it switches, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise ZhengdaError(f"无法打开数据库 {path}：{error}") from error
            time.sleep(0.02)
        except sqlite3.DatabaseError as error:
            raise ZhengdaError(f"无法打开数据库 {path}：不是 SQLite 数据库文件（{error}）") from error


def _set_up(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin` does
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    # What waits for nobody goes straight to the driver, as every question begins several transactions: the way through
    # SQLAlchemy takes ten times as long.
    driver: Any = connection.connection.dbapi_connection
    if "begin" not in options:
        driver.execute("BEGIN")
        return
    driver.execute(f"PRAGMA synchronous = {'FULL' if options.get('lasting', True) else 'NORMAL'}")
    connection.exec_driver_sql(options["begin"])
