"""The bureau's own encoder: what it is tuned on, and which one is in use. Tuning itself is in tests/training."""

import fcntl
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import qa_service.adapting
from indexer.model_encoder import BUNDLED, MODEL_FILE, SETTINGS_FILE, ModelEncoder
from indexer.training.adapting import Adaptation
from indexer.training.contrastive import Progress
from indexer.training.material import Group, MaterialProblem
from knowledge.entry import FaqEntry
from knowledge.learning import Source
from knowledge.masking import mask
from knowledge.store import Store
from qa_service.adapting import AlreadyAdapting, adapt_encoder, in_use, own_groups, remove_adapted
from qa_service.composition import build
from qa_service.settings import Settings
from tests.knowledge.making import TODAY, a_confirmed, a_published_entry, a_text, an_entry, withdrawn

ANSWER = "由用人单位申请。"
BETTER = Adaptation(held=40, before=20, after=25, gained=("甲",), lost=())
WORSE = Adaptation(held=40, before=20, after=19, gained=(), lost=("甲",))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database_url=f"sqlite:///{tmp_path / 'zhengda.sqlite'}")


def put_model(folder: Path, says: str = "") -> Path:
    """A folder that is taken for an encoder while nobody opens it; `says` tells it from others."""
    folder.mkdir(parents=True)
    shutil.copy(BUNDLED / SETTINGS_FILE, folder)
    (folder / "says.txt").write_text(says)
    return folder


def says(folder: Path) -> str:
    return (folder / "says.txt").read_text()


class TestOwnGroups:
    @pytest.fixture
    def entries(self, staffed_store: Store) -> tuple[FaqEntry, FaqEntry]:
        """Two on the air; beside them a draft, and one that was withdrawn."""
        text = a_text(
            "生育津贴如何申领？", variants=("生孩子的钱怎么领", "生育津贴"), category=("生育", "津贴", "申领")
        )
        with staffed_store.writing(by="system") as records:
            one = records.entries.add(a_published_entry("B-1", text=text))
            two = records.entries.add(a_published_entry("B-2", text=a_text("异地就医如何备案？")))
            records.entries.add(an_entry("B-3", text=a_text("还没有发布的")))
            records.entries.add(withdrawn(a_published_entry("B-4", text=a_text("已经下架的"))))
        return one, two

    def test_each_published_entry_is_one(
        self, staffed_store: Store, entries: tuple[FaqEntry, FaqEntry]
    ) -> None:
        assert own_groups(staffed_store, TODAY) == [
            Group("B-1", "生育/津贴", ("生育津贴如何申领？", "生孩子的钱怎么领", "生育津贴"), (), ANSWER),
            Group("B-2", "benefits", ("异地就医如何备案？",), (), ANSWER),
        ]

    def test_what_people_confirmed_was_asked_for_it(
        self, staffed_store: Store, entries: tuple[FaqEntry, FaqEntry]
    ) -> None:
        one, two = entries
        seen = [
            a_confirmed("生娃的补贴去哪领", entry_id=one.id),
            a_confirmed("生娃补贴", entry_id=one.id, source=Source.TICKET),
            a_confirmed("生娃的补贴去哪领", entry_id=one.id, by="editor"),
            a_confirmed("外地看病登记", entry_id=two.id, source=Source.CONFIRMED, by="", reporter="x"),
        ]
        with staffed_store.writing(by="system") as records:
            for confirmed in seen:
                assert records.learning.confirm(confirmed)
        assert [group.asked for group in own_groups(staffed_store, TODAY)] == [
            ("生娃的补贴去哪领", "生娃补贴"),
            ("外地看病登记",),
        ]

    def test_a_question_in_which_something_was_masked_is_left_out(
        self, staffed_store: Store, entries: tuple[FaqEntry, FaqEntry]
    ) -> None:
        with staffed_store.writing(by="system") as records:
            records.learning.confirm(a_confirmed(mask("我电话13800138000怎么备案"), entry_id=entries[1].id))
        assert [group.asked for group in own_groups(staffed_store, TODAY)] == [(), ()]

    def test_what_was_confirmed_of_an_entry_that_is_gone_is_nobodys(
        self, staffed_store: Store, entries: tuple[FaqEntry, FaqEntry]
    ) -> None:
        with staffed_store.writing(by="system") as records:
            records.learning.confirm(a_confirmed("外地看病登记", entry_id=entries[1].id))
            records.entries.save(withdrawn(records.entries.get(entries[1].id)), "entry.withdrawn")
        assert [group.id for group in own_groups(staffed_store, TODAY)] == ["B-1"]

    def test_an_empty_base_has_none(self, staffed_store: Store) -> None:
        assert own_groups(staffed_store, TODAY) == []


class TestInUse:
    def test_without_an_own_one_it_is_the_shipped_one(self, settings: Settings) -> None:
        assert in_use(settings) == BUNDLED
        assert settings.encoder_in_use == "bundled"

    def test_an_own_one_takes_its_place(self, settings: Settings) -> None:
        put_model(settings.model_folder)
        assert in_use(settings) == settings.model_folder
        assert settings.encoder_in_use == f"model:{settings.model_folder}"

    def test_an_empty_folder_is_none(self, settings: Settings) -> None:
        settings.model_folder.mkdir(parents=True)
        assert in_use(settings) == BUNDLED
        assert settings.encoder_in_use == "bundled"

    @pytest.mark.parametrize("named", ["none", "base", "st:some/model", "http:m@http://127.0.0.1/v1"])
    def test_a_bureau_that_names_another_gets_the_other(self, settings: Settings, named: str) -> None:
        put_model(settings.model_folder)
        assert settings.model_copy(update={"encoder": named}).encoder_in_use == named

    def test_a_named_folder_lies_in_the_data_folder_wherever_the_service_is_started(
        self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        settings = settings.model_copy(update={"data": Path("data"), "encoder": "model:models/new"})
        assert settings.encoder_in_use == "model:data/models/new"
        shutil.copytree(BUNDLED, "data/models/new")
        application = build(settings)
        try:
            assert (application.encoder_problem, application.index.encoder_name) == ("", ModelEncoder().name)
        finally:
            application.close()

    def test_a_named_folder_elsewhere_is_taken_as_it_is(self, settings: Settings) -> None:
        named = settings.model_copy(update={"encoder": "model:/srv/model"})
        assert named.encoder_in_use == "model:/srv/model"
        assert in_use(named) == Path("/srv/model")

    def test_the_service_searches_with_it(self, settings: Settings) -> None:
        shutil.copytree(BUNDLED, settings.model_folder)
        with_own = build(settings)
        try:
            assert with_own.encoder_problem == ""
            assert with_own.index.encoder_name == ModelEncoder(settings.model_folder).name
        finally:
            with_own.close()
            shutil.rmtree(settings.model_folder)

    def test_a_damaged_one_costs_the_search_by_meaning_and_is_told(self, settings: Settings) -> None:
        (put_model(settings.model_folder) / MODEL_FILE).write_bytes(b"")
        application = build(settings)
        try:
            assert str(settings.model_folder) in application.encoder_problem
            assert application.index.encoder_name == ""
        finally:
            application.close()


class TestRemoving:
    def test_the_shipped_one_is_in_use_again(self, settings: Settings) -> None:
        put_model(settings.model_folder)
        assert remove_adapted(settings)
        assert not settings.model_folder.exists()
        assert in_use(settings) == BUNDLED

    def test_without_an_own_one_there_is_nothing_to_remove(self, settings: Settings) -> None:
        assert not remove_adapted(settings)

    @pytest.mark.usefixtures("busy")
    def test_nothing_is_removed_while_another_process_tunes(self, settings: Settings) -> None:
        put_model(settings.model_folder)
        with pytest.raises(AlreadyAdapting):
            remove_adapted(settings)
        assert in_use(settings) == settings.model_folder

    def test_none_that_was_being_replaced_comes_back(self, settings: Settings) -> None:
        put_model(settings.model_folder)
        put_model(settings.data / "model.old")
        assert remove_adapted(settings)
        assert in_use(settings) == BUNDLED


@pytest.fixture
def busy(settings: Settings) -> Iterator[None]:
    """As while another process tunes."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "adapt.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def models(settings: Settings) -> list[str]:
    """The folders in the data folder."""
    return [path.name for path in settings.data.iterdir() if path.is_dir()]


class TestAdapting:
    """Training stands aside here: `adapt` is replaced by one that writes a folder and gives a result."""

    @pytest.fixture
    def store(self, settings: Settings) -> Iterator[Store]:
        store = Store.open(settings.store_url)
        yield store
        store.close()

    @staticmethod
    def tuning(monkeypatch: pytest.MonkeyPatch, result: Adaptation | Exception) -> list[Path]:
        """Replaces training; tells from which folders it started."""
        started = []

        def adapt(
            own: Sequence[Group],
            shipped: Sequence[Group],
            start: Path,
            target: Path,
            minutes: float,
            progress: Progress | None,
        ) -> Adaptation:
            assert not target.exists()
            started.append(start)
            put_model(target, "new")
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(qa_service.adapting, "adapt", adapt)
        return started

    def test_a_better_one_is_put_in_use(
        self, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started = self.tuning(monkeypatch, BETTER)
        assert adapt_encoder(settings, store, TODAY, 1) == BETTER
        assert (in_use(settings), says(settings.model_folder)) == (settings.model_folder, "new")
        assert started == [BUNDLED]

    def test_it_goes_on_from_the_bureaus_own_and_replaces_it(
        self, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_model(settings.model_folder, "own")
        started = self.tuning(monkeypatch, BETTER)
        adapt_encoder(settings, store, TODAY, 1)
        assert says(settings.model_folder) == "new"
        assert started == [settings.model_folder]
        assert models(settings) == ["model"]

    @pytest.mark.parametrize("own", [True, False])
    @pytest.mark.parametrize("ends", [WORSE, MaterialProblem("太少"), RuntimeError("out of memory")])
    def test_a_worse_one_or_a_crash_leaves_the_one_in_use(
        self,
        settings: Settings,
        store: Store,
        monkeypatch: pytest.MonkeyPatch,
        ends: Adaptation | Exception,
        own: bool,
    ) -> None:
        settings.data.mkdir(parents=True)
        if own:
            put_model(settings.model_folder, "own")
        before = in_use(settings)
        self.tuning(monkeypatch, ends)
        if isinstance(ends, Exception):
            with pytest.raises(type(ends)):
                adapt_encoder(settings, store, TODAY, 1)
        else:
            assert adapt_encoder(settings, store, TODAY, 1) == ends
        assert in_use(settings) == before
        assert not own or says(settings.model_folder) == "own"
        assert models(settings) == (["model"] if own else [])

    @pytest.mark.usefixtures("busy")
    def test_a_second_run_is_refused_and_leaves_what_the_first_has_made(
        self, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = put_model(settings.data / "model.new", "of the first")
        started = self.tuning(monkeypatch, BETTER)
        with pytest.raises(AlreadyAdapting, match="另一个 zhengda adapt") as refused:
            adapt_encoder(settings, store, TODAY, 1)
        assert str(settings.data) in refused.value.message
        assert (says(made), started) == ("of the first", [])

    def test_what_a_killed_run_left_behind_is_swept(
        self, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put_model(settings.data / "model.new", "half")
        self.tuning(monkeypatch, BETTER)
        adapt_encoder(settings, store, TODAY, 1)
        assert says(settings.model_folder) == "new"

    def test_killed_between_its_two_renames_it_leaves_the_old_one_in_use(
        self, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = put_model(settings.data / "model.old", "own")
        assert in_use(settings) == old
        assert settings.encoder_in_use == f"model:{old}"
        started = self.tuning(monkeypatch, BETTER)
        adapt_encoder(settings, store, TODAY, 1)
        assert started == [old]
        assert says(settings.model_folder) == "new"
        assert models(settings) == ["model"]
