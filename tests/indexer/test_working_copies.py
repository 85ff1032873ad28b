"""Each process has a working copy of the snapshot it serves: hard links, which die with it."""

from pathlib import Path

import pytest

from indexer.live import LiveIndex
from indexer.scope import Scope
from indexer.snapshot import current_name
from tests.indexer.making import TODAY, KnowledgeInMemory, OpenIndex, an_entry


@pytest.fixture
def record() -> KnowledgeInMemory:
    return KnowledgeInMemory([an_entry(1, "生育津贴如何申领"), an_entry(2, "异地就医如何备案")])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(root: Path, record: KnowledgeInMemory, live: OpenIndex) -> LiveIndex:
    opened = live(root, record)
    opened.open(TODAY)
    return opened


def copies(root: Path) -> list[Path]:
    return [path for path in (root / "live").iterdir() if path.is_dir()]


def test_each_index_has_one_and_closing_removes_it(
    root: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
) -> None:
    other = live(root, record)
    other.open(TODAY)
    assert len(copies(root)) == 2
    other.close()
    index.rebuild(TODAY)
    assert len(copies(root)) == 1
    index.close()
    assert copies(root) == []


def test_those_of_the_dead_are_swept_by_the_next_who_comes(
    root: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
) -> None:
    stale = root / "live" / "99999-deadbeef"
    (stale / "lexical").mkdir(parents=True)
    (stale / "owner.lock").touch()
    unlocked = root / "live" / "99998-deadbeef"  # died before it had its lock
    unlocked.mkdir()
    live(root, record).open(TODAY)
    assert not stale.exists()
    assert not unlocked.exists()
    assert len(copies(root)) == 2


def test_those_of_the_living_are_left_alone(
    root: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
) -> None:
    for _ in range(3):
        live(root, record).open(TODAY)
    record.publish(an_entry(6, "急诊抢救怎么结算"))
    index.follow(TODAY)
    assert index.search("急诊抢救", Scope(TODAY)).hits[0].entry_id == 6


def test_the_snapshots_own_files_are_never_written_to(
    root: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
) -> None:
    for id in range(10, 30):
        record.publish(an_entry(id, f"第{id}种药能不能报"))
        index.follow(TODAY)
    name = current_name(root)
    index.close()
    again = live(root, record)
    again.open(TODAY)
    assert again.snapshot.startswith(name)
