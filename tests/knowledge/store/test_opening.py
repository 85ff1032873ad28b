"""Opening a store: creating, migrating, refusing."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from knowledge.errors import InvalidValue, ZhengdaError
from knowledge.store import Store
from knowledge.store.engine import connect

Opener = Callable[[str], Store]


def test_opening_an_empty_database_makes_it_ready(empty_url: str, open_store: Opener) -> None:
    store = open_store(empty_url)
    assert store.publication_seq() == 0
    with store.reading() as records:
        assert records.entries.list().total == 0


def test_a_new_database_file_is_for_its_owner_alone(tmp_path: Path, open_store: Opener) -> None:
    file = tmp_path / "new.sqlite"
    store = open_store(f"sqlite:///{file}")
    with store.writing(by="system") as records:
        records.state.set("colour", "green")
        written = [file, *tmp_path.glob("new.sqlite-*")]
        assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert store.file == file


def test_a_database_file_that_exists_keeps_its_mode(tmp_path: Path, open_store: Opener) -> None:
    file = tmp_path / "shared.sqlite"
    file.touch()
    file.chmod(0o640)
    open_store(f"sqlite:///{file}")
    assert file.stat().st_mode & 0o777 == 0o640


def test_opening_again_keeps_what_is_there(empty_url: str, open_store: Opener) -> None:
    with open_store(empty_url).writing(by="system") as records:
        records.state.set("colour", "green")
    with open_store(empty_url).reading() as records:
        assert records.state.get("colour") == "green"


def test_processes_that_open_an_empty_database_at_once_all_succeed(empty_url: str) -> None:
    spawning = multiprocessing.get_context("spawn")
    with spawning.Pool(4) as pool:
        assert pool.map(_open_and_ask, [empty_url] * 4, chunksize=1) == [0] * 4


def _open_and_ask(url: str) -> int:
    store = Store.open(url)
    seq = store.publication_seq()
    store.close()
    return seq


def test_a_database_newer_than_the_code_is_refused_and_left_alone(empty_url: str) -> None:
    Store.open(empty_url).close()
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ZhengdaError, match=r"9999.*比程序新"):
        Store.open(empty_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["", "zhengda.sqlite", "mysql://host/name", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_of_another_kind_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(InvalidValue, match="sqlite:////"):
        Store.open(url)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ZhengdaError, match=str(tmp_path / "nowhere")):
        Store.open(f"sqlite:///{tmp_path}/nowhere/zhengda.sqlite")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("尊敬的领导：" * 200, encoding="utf-8")
    with pytest.raises(ZhengdaError, match="不是 SQLite 数据库"):
        Store.open(f"sqlite:///{path}")


def test_an_unreachable_server_is_an_error_that_hides_the_password(tmp_path: Path) -> None:
    with pytest.raises(ZhengdaError, match="无法打开数据库") as raised:
        Store.open(f"postgresql+psycopg://wang:secret@/zhengda?host={tmp_path}")
    assert "secret" not in raised.value.message


def test_a_url_that_cannot_be_read_is_shown_without_the_password() -> None:
    with pytest.raises(InvalidValue) as raised:
        Store.open("postgresql//wang:secret@host/zhengda")
    assert "secret" not in raised.value.message


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_any_spelling_of_postgresql_uses_the_driver_we_ship(
    scheme: str, postgres_url: str, open_store: Opener
) -> None:
    assert open_store(postgres_url.replace("postgresql+psycopg", scheme)).publication_seq() == 0


def test_sqlite_is_durable_and_lets_readers_pass(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with engine.connect() as connection:
        found = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    engine.dispose()
    full = 2
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": full, "busy_timeout": 10_000}
