"""The index that serves follows the record."""

import logging
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

import indexer.live
from indexer.encoders import Encoder
from indexer.live import LiveIndex
from indexer.scope import Scope
from indexer.snapshot import SnapshotUnusable, current_name
from tests.indexer.making import TODAY, CharacterEncoder, KnowledgeInMemory, OpenIndex, an_entry

TOPICS = ("生育津贴如何申领", "异地就医如何备案", "门诊费用如何报销", "医保卡丢失怎么办理", "住院押金多少")


@pytest.fixture
def record() -> KnowledgeInMemory:
    return KnowledgeInMemory(an_entry(id, question) for id, question in enumerate(TOPICS, start=1))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture(params=["words alone", "with vectors"])
def encoder(request: pytest.FixtureRequest) -> Encoder | None:
    return CharacterEncoder() if request.param == "with vectors" else None


@pytest.fixture
def index(root: Path, record: KnowledgeInMemory, encoder: Encoder | None, live: OpenIndex) -> LiveIndex:
    opened = live(root, record, encoder)
    opened.open(TODAY)
    return opened


def found(index: LiveIndex, question: str, scope: Scope = Scope(TODAY)) -> list[int]:
    """The entries that share words with the question, best first."""
    return [hit.entry_id for hit in index.search(question, scope).hits if hit.lexical_rank]


class TestOpening:
    def test_the_first_time_builds(self, root: Path, index: LiveIndex) -> None:
        assert found(index, "异地就医")[0] == 2
        assert index.entries() == 5
        assert index.snapshot == f"{current_name(root)}+0"

    def test_the_second_time_opens_what_is_there(
        self,
        root: Path,
        record: KnowledgeInMemory,
        encoder: Encoder | None,
        index: LiveIndex,
        live: OpenIndex,
    ) -> None:
        name = current_name(root)
        index.close()
        again = live(root, record, encoder)
        again.open(TODAY)
        assert current_name(root) == name
        assert found(again, "异地就医")[0] == 2

    def test_what_was_published_meanwhile_is_caught_up_with(
        self,
        root: Path,
        record: KnowledgeInMemory,
        encoder: Encoder | None,
        index: LiveIndex,
        live: OpenIndex,
    ) -> None:
        name = current_name(root)
        index.close()
        record.publish(an_entry(6, "急诊抢救怎么结算"))
        record.withdraw(2)
        again = live(root, record, encoder)
        again.open(TODAY)
        assert again.snapshot == f"{name}+2"
        assert found(again, "急诊抢救") == [6]
        assert found(again, "异地就医备案") == []

    def test_after_very_much_was_published_it_is_built_again(
        self,
        root: Path,
        record: KnowledgeInMemory,
        index: LiveIndex,
        live: OpenIndex,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(indexer.live, "REBUILD_AFTER", 3)
        name = current_name(root)
        index.close()
        record.publish(*(an_entry(id) for id in range(10, 14)))
        again = live(root, record)
        again.open(TODAY)
        assert current_name(root) != name
        assert again.entries() == 9

    def test_an_older_record_put_in_its_place_is_built_anew(
        self, root: Path, encoder: Encoder | None, index: LiveIndex, live: OpenIndex
    ) -> None:
        index.close()
        restored = KnowledgeInMemory([an_entry(1, "急诊抢救怎么结算")])
        again = live(root, restored, encoder)
        again.open(TODAY)
        assert found(again, "急诊抢救") == [1]
        restored.publish(an_entry(2, "家庭共济怎么绑定"))
        again.follow(TODAY)
        assert found(again, "家庭共济") == [2]

    def test_before_opening_a_search_says_that_it_is_not_ready(
        self, root: Path, record: KnowledgeInMemory, live: OpenIndex
    ) -> None:
        closed = live(root, record)
        with pytest.raises(SnapshotUnusable, match="尚未就绪"):
            closed.search("异地就医", Scope(TODAY))
        assert (closed.snapshot, closed.sequence, closed.entries(), closed.follow(TODAY)) == ("", -1, 0, 0)


class TestASnapshotThatCannotBeUsed:
    def test_is_built_again_and_the_reason_is_logged(
        self,
        root: Path,
        record: KnowledgeInMemory,
        encoder: Encoder | None,
        index: LiveIndex,
        live: OpenIndex,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        index.close()
        shutil.copy(Path(__file__).with_name("format_1") / "manifest.json", _manifest(root))
        again = live(root, record, encoder)
        again.open(TODAY)
        assert found(again, "异地就医")[0] == 2
        assert "the index is built again: 索引格式为第1版" in caplog.text

    @pytest.mark.parametrize("part", ["facets.npz", "lexical/meta.json", "lexical/.managed.json"])
    def test_with_a_damaged_file_is_built_again(
        self, root: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex, part: str
    ) -> None:
        index.close()
        damaged = _manifest(root).parent / part
        damaged.write_bytes(damaged.read_bytes()[:-7])
        again = live(root, record)
        again.open(TODAY)
        assert found(again, "异地就医")[0] == 2

    def test_that_another_process_has_built_is_not_switched_to(
        self, root: Path, record: KnowledgeInMemory, index: LiveIndex, caplog: pytest.LogCaptureFixture
    ) -> None:
        before = index.snapshot
        (root / "current").write_text("20260101T000000-deadbeef")
        index.refresh(TODAY)
        assert index.snapshot == before
        assert found(index, "异地就医")[0] == 2
        assert "keeping the snapshot in use" in caplog.text

    def test_a_damaged_vector_cache_costs_nothing_but_time(
        self, root: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
    ) -> None:
        index.close()
        (root / "vectors.sqlite").write_bytes(b"damaged" * 1000)
        again = live(root, record, CharacterEncoder())
        again.open(TODAY)
        again.rebuild(TODAY)
        assert found(again, "异地就医")[0] == 2


def _manifest(root: Path) -> Path:
    return root / "snapshots" / current_name(root) / "manifest.json"


class TestFollowing:
    def test_what_is_published_is_found_without_a_rebuild(
        self, root: Path, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        name = current_name(root)
        record.publish(an_entry(6, "急诊抢救怎么结算"))
        assert found(index, "急诊抢救") == []
        assert index.follow(TODAY) == 1
        assert found(index, "急诊抢救") == [6]
        assert index.snapshot == f"{name}+1"
        assert current_name(root) == name

    def test_what_is_withdrawn_is_not_found_any_more(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        record.withdraw(2)
        assert index.follow(TODAY) == 1
        assert 2 not in [hit.entry_id for hit in index.search("异地就医备案", Scope(TODAY)).hits]
        assert index.entries() == 4

    def test_a_new_revision_takes_the_place_of_the_old(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        record.publish(an_entry(2, "急诊抢救怎么结算", revision=2, region="330100"))
        index.follow(TODAY)
        assert found(index, "急诊抢救") == [2]
        assert found(index, "异地就医备案") == []
        assert found(index, "急诊抢救", Scope(TODAY, region="440300")) == []
        assert index.entries() == 5

    def test_following_again_changes_nothing(self, record: KnowledgeInMemory, index: LiveIndex) -> None:
        record.publish(an_entry(6, "急诊抢救怎么结算"))
        index.follow(TODAY)
        before = index.search("急诊抢救", Scope(TODAY)).hits
        assert index.follow(TODAY) == 0
        assert index.search("急诊抢救", Scope(TODAY)).hits == before

    def test_replaying_the_same_changes_gives_the_same_answers(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        record.publish(an_entry(6, "急诊抢救怎么结算"), an_entry(1, "急诊费用怎么报", revision=2))
        record.withdraw(4)
        index.follow(TODAY)
        before = index.search("急诊怎么", Scope(TODAY)).hits
        copy = index._copy
        assert copy is not None
        copy.sequence = copy.manifest.sequence  # as a process that died in between would
        assert index.follow(TODAY) == 3
        after = index.search("急诊怎么", Scope(TODAY)).hits
        assert [hit.entry_id for hit in after] == [hit.entry_id for hit in before]
        assert index.entries() == 5

    def test_more_than_one_batch_is_followed(self, record: KnowledgeInMemory, index: LiveIndex) -> None:
        record.publish(*(an_entry(id, f"第{id}种药能不能报") for id in range(100, 550)))
        assert index.follow(TODAY) == 450
        assert index.sequence == record.sequence()
        assert found(index, "第549种药")[0] == 549

    def test_an_entry_published_and_withdrawn_before_it_was_followed_is_not_found(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        record.publish(an_entry(6, "急诊抢救怎么结算"))
        record.withdraw(6)
        assert index.follow(TODAY) == 1
        assert found(index, "急诊抢救") == []

    def test_an_entry_becomes_effective_and_expires_by_the_date_alone(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        tomorrow = TODAY + timedelta(days=1)
        record.publish(an_entry(6, "急诊抢救怎么结算", effective_from=tomorrow, effective_until=tomorrow))
        index.follow(TODAY)
        days = (TODAY, tomorrow, tomorrow + timedelta(days=1))
        assert [found(index, "急诊抢救", Scope(day)) for day in days] == [[], [6], []]

    def test_a_rebuild_is_worth_it_after_much_was_replayed(
        self, record: KnowledgeInMemory, index: LiveIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(indexer.live, "REBUILD_AFTER", 3)
        for expected in (False, False, False, True):
            record.publish(an_entry(1, "生育津贴如何申领"))
            index.follow(TODAY)
            assert index.needs_rebuild() is expected
        index.rebuild(TODAY)
        assert not index.needs_rebuild()


class TestRebuilding:
    def test_the_old_one_serves_while_the_next_is_built(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        record.publish(*(an_entry(id, f"第{id}种药能不能报") for id in range(100, 700)))
        stages: list[list[int]] = []

        def ask_meanwhile(*_: object) -> None:
            stages.append(found(index, "异地就医备案"))

        index.rebuild(TODAY, ask_meanwhile)
        assert stages
        assert all(stage[0] == 2 for stage in stages)
        assert index.entries() == 605

    def test_what_is_published_while_it_is_built_is_found_afterwards(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        def publish_meanwhile(*_: object) -> None:
            if record.count() == 5:
                record.publish(an_entry(6, "急诊抢救怎么结算"))
                record.withdraw(1)
                record.publish(an_entry(7, "家庭共济怎么绑定"))

        index.rebuild(TODAY, publish_meanwhile)
        assert found(index, "急诊抢救") == [6]
        assert found(index, "家庭共济") == [7]
        assert found(index, "生育津贴") == []

    def test_another_process_switches_to_it(
        self,
        root: Path,
        record: KnowledgeInMemory,
        encoder: Encoder | None,
        index: LiveIndex,
        live: OpenIndex,
    ) -> None:
        other = live(root, record, encoder)
        other.open(TODAY)
        record.publish(an_entry(6, "急诊抢救怎么结算"))
        manifest = index.rebuild(TODAY)
        other.refresh(TODAY)
        assert other.snapshot == f"{manifest.name}+0"
        assert found(other, "急诊抢救") == [6]

    def test_an_older_snapshot_is_not_switched_to(
        self, root: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
    ) -> None:
        old = current_name(root)
        record.publish(an_entry(6, "急诊抢救怎么结算"))
        new = index.rebuild(TODAY)
        (root / "current").write_text(old)
        index.refresh(TODAY)
        assert index.snapshot == f"{new.name}+0"

    def test_the_snapshot_in_use_goes_on_serving_after_its_files_are_gone(
        self, root: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
    ) -> None:
        builder = live(root, record)
        builder.open(TODAY)
        for _ in range(3):
            builder.rebuild(TODAY)
        record.publish(an_entry(6, "急诊抢救怎么结算"))
        index.follow(TODAY)
        assert found(index, "异地就医")[0] == 2
        assert found(index, "急诊抢救") == [6]

    def test_nothing_fails_while_one_thread_follows_another_rebuilds_and_a_third_asks(
        self, record: KnowledgeInMemory, index: LiveIndex, caplog: pytest.LogCaptureFixture
    ) -> None:
        done = threading.Event()

        def repeat(action: Callable[[int], None]) -> int:
            number = 0
            while not done.is_set():
                number += 1
                action(number)
            return number

        def publish_and_follow(number: int) -> None:
            record.publish(an_entry(100 + number % 50, f"第{number}种药能不能报", revision=number))
            index.follow(TODAY)

        def ask(_: int) -> None:
            assert found(index, "异地就医备案")[0] == 2

        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(repeat, action) for action in (publish_and_follow, ask)]
            for _ in range(6):
                index.rebuild(TODAY)
            done.set()
        assert all(each.result() > 0 for each in running)
        assert [line for line in caplog.records if line.levelno >= logging.ERROR] == []
