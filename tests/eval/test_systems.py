"""The baselines rank and decide as they say they do, on a few real entries."""

import pytest

from eval.judging import System
from eval.peers import CosinePlusTextRank, CosineThreshold, full_mode_words
from eval.questions import Question
from eval.systems import Bm25, EncoderAlone, Fused, Unadapted
from eval.text_rank import text_rank
from knowledge.entry import PublishedEntry
from tests.indexer.making import an_entry

ENTRIES = (
    an_entry(1, question="生育津贴如何申领？", variants=("生孩子的钱怎么领",), answer="由用人单位申领。"),
    an_entry(
        2, question="异地就医如何备案？", variants=("去外地看病要先办什么",), answer="线上线下均可备案。"
    ),
    an_entry(3, question="门诊费用如何报销？", variants=("看门诊能报多少",), answer="按当地规定报销。"),
)
IDS = [entry.external_id for entry in ENTRIES]


@pytest.fixture(scope="module")
def unadapted(tmp_path_factory: pytest.TempPathFactory) -> Unadapted:
    return Unadapted(tmp_path_factory.mktemp("vectors") / "vectors.sqlite")


@pytest.fixture(scope="module")
def encoder(unadapted: Unadapted) -> EncoderAlone:
    return EncoderAlone(ENTRIES, unadapted)


def asked(text: str) -> Question:
    return Question("Q", text, "spoken", "maternity", "test", frozenset(IDS[:1]))


def test_each_puts_the_obvious_entry_first(unadapted: Unadapted, encoder: EncoderAlone) -> None:
    bm25 = Bm25(ENTRIES)
    systems: list[System] = [
        bm25,
        encoder,
        Fused(bm25, encoder),
        CosinePlusTextRank(ENTRIES, unadapted),
        CosineThreshold(encoder, 0.8),
    ]
    for system in systems:
        went = system.judge(asked("生育津贴如何申领"))
        assert went.ranking[0] == IDS[0], system.name
        assert len(set(went.ranking)) == len(went.ranking)
        assert system.title
        assert not system.probable


def test_the_encoder_ranks_entries_by_their_nearest_phrasing(encoder: EncoderAlone) -> None:
    scored = encoder.score("生孩子的钱怎么领", 3)
    assert scored[0][0] == IDS[0]
    assert scored[0][1] == pytest.approx(1.0, abs=1e-2)
    assert [score for _, score in scored] == sorted((score for _, score in scored), reverse=True)


def test_the_label_says_which_engine_encodes(unadapted: Unadapted) -> None:
    assert unadapted.title.startswith("intfloat/multilingual-e5-small")
    assert "sentence-transformers" in unadapted.title or "bundled engine" in unadapted.title


def test_a_fixed_threshold_answers_from_it_on(encoder: EncoderAlone) -> None:
    went = encoder.judge(asked("明天会下雨吗"))
    assert CosineThreshold(encoder, went.confidence).judge(asked("明天会下雨吗")).outcome == "answered"
    assert (
        CosineThreshold(encoder, went.confidence + 1e-6).judge(asked("明天会下雨吗")).outcome == "unanswered"
    )


class TestCosinePlusTextRank:
    def test_adds_the_text_rank_of_the_best_row(self, unadapted: Unadapted, encoder: EncoderAlone) -> None:
        blended = dict(CosinePlusTextRank(ENTRIES, unadapted).score("生孩子的钱怎么领"))
        words = full_mode_words("生孩子的钱怎么领")
        cosine = dict(encoder.score("生孩子的钱怎么领", 3))[IDS[0]]
        assert blended[IDS[0]] == pytest.approx(cosine + text_rank(words, words), abs=1e-3)
        assert blended[IDS[0]] > 1  # which is why its scores exceed one

    def test_words_that_are_not_all_there_add_nothing(
        self, unadapted: Unadapted, encoder: EncoderAlone
    ) -> None:
        text = "我想知道生育津贴到底在哪个窗口领"
        blended = dict(CosinePlusTextRank(ENTRIES, unadapted).score(text))
        # Its other row, the question with the answer, may come nearer than any phrasing.
        assert blended[IDS[0]] >= dict(encoder.score(text, 3))[IDS[0]] - 1e-3
        assert blended[IDS[0]] < 1

    def test_answers_by_itself_from_nine_tenths_on(self, unadapted: Unadapted) -> None:
        system = CosinePlusTextRank(ENTRIES, unadapted)
        assert system.judge(asked("生育津贴如何申领？")).outcome == "answered"
        system.directly = 3.0
        went = system.judge(asked("生育津贴如何申领？"))
        assert (went.outcome, went.options) == ("choices", went.ranking[:3])
        system.similarity = 3.0
        assert system.judge(asked("生育津贴如何申领？")).outcome == "unanswered"


def test_full_mode_keeps_words_within_words_and_no_punctuation() -> None:
    assert full_mode_words("医疗保险，OK？") == ["医疗", "医疗保险", "保险", "ok"]


def test_entries_can_be_few(unadapted: Unadapted) -> None:
    alone: tuple[PublishedEntry, ...] = ENTRIES[:1]
    assert EncoderAlone(alone, unadapted).judge(asked("津贴")).ranking == (IDS[0],)
    assert CosinePlusTextRank(alone, unadapted).judge(asked("津贴")).ranking == (IDS[0],)
