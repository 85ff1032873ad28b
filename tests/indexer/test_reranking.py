"""Reading question and entry together, with the reranker that comes with the product."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.encoders import EncoderUnavailable
from indexer.model_encoder import BUNDLED, MODEL_FILE, TOKENIZER_FILE
from indexer.reranking import RERANKER_FILE, Reranker, open_reranker, read_text
from knowledge.entry import PublishedEntry
from tests.indexer.making import an_entry

NEIGHBOURS = (
    ("住完院出来了才知道要备案，现在补还来得及吗", "YDBA-012", "YDBA-006"),
    ("没开转院单自己跑去外省看，备案交啥材料", "YDBA-006", "YDBA-012"),
    ("社保卡掉了上哪儿补", "YBM-011", "YBM-005"),
    ("亲情账户跟家庭共济差在哪", "YBM-005", "YBM-011"),
    ("公司刚开张，给员工办医保怎么弄", "ZGCB-002", "ZGCB-008"),
    ("老板一直不给交医保，会被罚吗", "ZGCB-008", "ZGCB-002"),
    ("娃出生一百多天才交医保，从哪天起能报", "XSXS-002", "XSXS-008"),
    ("十二月底生的宝宝，今年明年的医保钱都得交吗", "XSXS-008", "XSXS-002"),
    ("护理险都有谁能参加", "CHBX-003", "CHBX-009"),
    ("失能等级评出来我不认，怎么办", "CHBX-009", "CHBX-003"),
    ("手工报销的钱能不能打到我儿子卡里", "SGBX-011", "SGBX-017"),
    ("手工报销给我报少了，有意见找谁", "SGBX-017", "SGBX-011"),
    ("吃低保的住院能不能先不交押金", "YLJZ-015", "YLJZ-003"),
    ("低保户看病的救助还用自己去申请吗", "YLJZ-003", "YLJZ-015"),
)
"""A question as somebody says it, the sample entry that answers it, and a neighbour that does not."""
ASKED = "生孩子的钱怎么领"
TEXTS = ("生育津贴如何申领？；生小孩的补贴找谁要", "异地就医如何备案？", "门诊费用如何报销？；看门诊能报多少")


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    return Reranker()


class TestScores:
    def test_of_two_neighbours_the_one_that_answers_nearly_always_scores_higher(
        self, reranker: Reranker, samples: tuple[PublishedEntry, ...]
    ) -> None:
        texts = {entry.external_id: read_text(entry, 0) for entry in samples}
        lost = []
        for question, right, wrong in NEIGHBOURS:
            scores = reranker.score(question, [texts[right], texts[wrong]])
            if scores[0] <= scores[1]:
                lost.append(question)
        assert len(lost) <= 1, lost

    def test_come_in_the_order_of_the_texts_whatever_else_is_read(self, reranker: Reranker) -> None:
        together = reranker.score(ASKED, TEXTS)
        another = Reranker(threads=2)
        backwards = another.score(ASKED, TEXTS[::-1])
        assert backwards[::-1] == pytest.approx(together, abs=1e-3)
        assert len(set(together)) == 3
        for text, score in zip(TEXTS, together, strict=True):
            assert Reranker.score(another, ASKED, [text, "别的", text]) == pytest.approx(
                [score, reranker.score(ASKED, ["别的"])[0], score], abs=1e-3
            )

    def test_of_no_texts_are_none(self, reranker: Reranker) -> None:
        assert reranker.score(ASKED, []) == []

    @pytest.mark.parametrize(
        ("typed", "plain"),
        [("醫保卡丟了怎麼辦", "医保卡丢了怎么办"), ("ＡＰＰ怎麼下載", "app怎么下载")],
    )
    def test_are_the_same_for_another_way_of_writing(
        self, reranker: Reranker, typed: str, plain: str
    ) -> None:
        assert reranker.score(typed, TEXTS) == pytest.approx(reranker.score(plain, TEXTS), abs=1e-3)
        assert reranker.score(ASKED, [typed]) == pytest.approx(reranker.score(ASKED, [plain]), abs=1e-3)

    @pytest.mark.parametrize("text", ["", "   ", "\u200b", "\ud800", "🙂", "\x00", "한국어 текст"])
    def test_of_what_is_hardly_a_text_are_no_obstacle(self, reranker: Reranker, text: str) -> None:
        scores = [*reranker.score(text, TEXTS), *reranker.score(ASKED, [text])]
        assert all(abs(score) < 1e3 for score in scores)

    def test_of_a_text_longer_than_the_model_reads_are_those_of_its_beginning(
        self, reranker: Reranker
    ) -> None:
        once, twice = reranker.score(ASKED, ["异地就医怎么备案，" * 100, "异地就医怎么备案，" * 200])
        assert once == pytest.approx(twice, abs=1e-3)

    def test_many_threads_may_ask_at_once(self, reranker: Reranker) -> None:
        expected, found = reranker.score("异地备案", TEXTS), dict[int, list[float]]()
        fresh = Reranker()

        def ask(number: int) -> None:
            found[number] = fresh.score("异地备案", TEXTS)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [found[number] for number in range(6)] == [pytest.approx(expected, abs=1e-3)] * 6


def test_what_was_read_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    reranker = Reranker()
    before = reranker.score(ASKED, TEXTS)
    monkeypatch.setattr(reranker, "_session", None)  # whoever asks it now fails
    assert reranker.score(ASKED, TEXTS[::-1]) == before[::-1]
    for question, text in ((ASKED, "别的"), ("别的", TEXTS[0])):
        with pytest.raises(AttributeError):
            reranker.score(question, [text])


def _half(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes()[:10_000_000])


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no folder": shutil.rmtree,
    "no reranker": lambda folder: (folder / RERANKER_FILE).unlink(),
    "no tokenizer": lambda folder: (folder / TOKENIZER_FILE).unlink(),
    "an empty reranker": lambda folder: (folder / RERANKER_FILE).write_bytes(b""),
    "half a reranker": lambda folder: _half(BUNDLED / RERANKER_FILE, folder / RERANKER_FILE),
    "the encoder as the reranker": lambda folder: shutil.copy(BUNDLED / MODEL_FILE, folder / RERANKER_FILE),
    "another file as the tokenizer": lambda folder: (folder / TOKENIZER_FILE).write_text("{}"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_folder_is_told_with_its_path(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    shutil.copy(BUNDLED / TOKENIZER_FILE, folder)
    (folder / RERANKER_FILE).write_bytes(b"damaged")
    damage(folder)
    with pytest.raises(EncoderUnavailable) as raised:
        Reranker(folder)
    assert str(raised.value).startswith(f"重排模型“{folder}”无法加载（")
    shutil.rmtree(folder, ignore_errors=True)  # thirty megabytes a test


class TestOpening:
    def test_it_is_loaded_once(self) -> None:
        assert open_reranker() is open_reranker()

    def test_a_model_folder_without_one_gets_the_bundled_one(self, tmp_path: Path) -> None:
        assert open_reranker(tmp_path).score(ASKED, TEXTS[:1]) == pytest.approx(
            open_reranker().score(ASKED, TEXTS[:1]), abs=1e-3
        )

    def test_a_model_folder_with_one_that_is_damaged_is_told(self, tmp_path: Path) -> None:
        (tmp_path / RERANKER_FILE).write_bytes(b"damaged")
        with pytest.raises(EncoderUnavailable, match="重排模型"):
            open_reranker(tmp_path)


class TestWhatIsRead:
    ENTRY = an_entry(1, "生育津贴如何申领", variants=("生孩子的钱怎么领", "津贴找谁要"))

    @pytest.mark.parametrize(
        ("phrasing", "text"),
        [
            (-1, "生育津贴如何申领；生孩子的钱怎么领"),  # found by words alone
            (0, "生育津贴如何申领；生孩子的钱怎么领"),
            (1, "生育津贴如何申领；生孩子的钱怎么领"),
            (2, "生育津贴如何申领；津贴找谁要"),
            (3, "生育津贴如何申领；生孩子的钱怎么领"),  # the entry has fewer since it was found
        ],
    )
    def test_is_the_question_and_the_nearest_other_wording(self, phrasing: int, text: str) -> None:
        assert read_text(self.ENTRY, phrasing) == text

    @pytest.mark.parametrize("phrasing", [-1, 0, 1, 2])
    def test_of_an_entry_with_one_wording_is_that(self, phrasing: int) -> None:
        assert read_text(an_entry(1, "生育津贴如何申领"), phrasing) == "生育津贴如何申领"
