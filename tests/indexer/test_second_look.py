"""The second look: what is read again together with the question, and what comes of it."""

import logging
import math
from collections import Counter

import pytest

from indexer import confidence
from indexer.confidence import (
    HOPELESS,
    READ_AGAIN,
    SURE,
    VERBATIM,
    WORDS_ALONE,
    Model,
    Weighed,
    family_of,
    in_doubt,
    likeliest,
    weigh,
    with_reranker,
)
from indexer.reading import Reading
from indexer.reranking import open_reranker
from indexer.search import Hit, SearchResult
from tests.indexer.making import SharedCharacters, an_entry
from tests.indexer.test_confidence import ENTRIES, result


class TestInDoubt:
    """When a second look may change anything."""

    @pytest.mark.parametrize(
        ("probabilities", "doubtful"),
        [
            ([0.5, 0.3], True),
            ([SURE - 0.01], True),
            ([SURE], False),
            ([0.01, 0.99], False),
            ([HOPELESS], False),
            ([HOPELESS - 0.05, 0.06], True),  # together
            ([HOPELESS / 3, HOPELESS / 2], False),
            ([], False),
        ],
    )
    def test_between_sure_and_hopeless(self, probabilities: list[float], doubtful: bool) -> None:
        assert in_doubt(probabilities) is doubtful

    def test_the_three_likeliest_are_read(self) -> None:
        assert likeliest([0.1, 0.3, 0.05, 0.2, 0.15]) == [1, 3, 4]
        assert likeliest([0.1, 0.3]) == [1, 0]
        assert likeliest([]) == []
        assert READ_AGAIN == 3


class TestASecondLook:
    """Where the first leaves doubt the likeliest are read together with the question."""

    ENTRIES = ENTRIES | {4: an_entry(4, "住院押金多少", variants=("押金交几多", "住院先交钱吗"))}
    FIRST_LOOK = Model({"similarity": 10.0}, {"bias": 0.0})
    # A point for each character that is shared, and a point less for what was not read.
    SECOND_LOOK = Model({"similarity": 10.0, "reranker": 1.0, "reread": 1.0}, {"bias": 0.0})

    @pytest.fixture(autouse=True)
    def _weights(self, monkeypatch: pytest.MonkeyPatch) -> None:
        models = {"e": self.FIRST_LOOK, "e+reranker": self.SECOND_LOOK, "other": self.FIRST_LOOK}
        monkeypatch.setattr(confidence, "_models", lambda: models | {WORDS_ALONE: Model({}, {})})

    def found(self, *similarities: float, reading: Reading | None = None) -> SearchResult:
        """Entries 1 to 4, as near to the question as told; of the fourth its third phrasing is nearest."""
        hits = (
            Hit(id, 1 / id, similarity=near, dense_rank=id, phrasing=2 if id == 4 else 0)
            for id, near in enumerate(similarities, start=1)
        )
        return result(*hits, reading=reading)

    def weighed(
        self,
        question: str,
        found: SearchResult,
        reader: SharedCharacters | None = None,
        encoder: str = "e#1",
    ) -> Weighed:
        return weigh(question, [], found, self.ENTRIES, encoder, reader)

    def test_reads_the_three_likeliest_in_their_order(self) -> None:
        reader = SharedCharacters()
        self.weighed("住院要先备案吗", self.found(0.1, 0.12, 0.02, 0.14), reader)
        texts = ("住院押金多少；住院先交钱吗", "异地就医如何备案", "生育津贴如何申领；生孩子的钱怎么领")
        assert reader.read == [("住院要先备案吗", texts)]

    def test_puts_first_what_it_finds_to_answer_worked_out_by_hand(self) -> None:
        found = self.found(0.12, 0.1, 0.02, 0.06)
        assert self.weighed("备案", found).candidates[0].entry.id == 1
        weighed = self.weighed("备案", found, SharedCharacters())
        # Shared: 0, 2, none read, 0. Scores: 1.2 + 0 + 1; 1 + 2 + 1; 0.2 + 0 + 0; 0.6 + 0 + 1; nobody 0.
        scores = {1: 2.2, 2: 4.0, 3: 0.2, 4: 1.6}
        total = sum(math.exp(score) for score in scores.values()) + 1
        assert {c.entry.id: c.confidence for c in weighed.candidates} == pytest.approx(
            {entry: math.exp(score) / total for entry, score in scores.items()}
        )
        assert weighed.candidates[0].entry.id == 2
        assert weighed.reach == pytest.approx(1 - 1 / total)
        assert (weighed.encoder, weighed.model) == ("e+reranker#1", self.SECOND_LOOK)
        assert {entry: row["reread"] for entry, row in weighed.rows.items()} == {1: 1, 2: 1, 3: 0, 4: 1}

    def test_reads_the_question_as_it_was_understood(self) -> None:
        reader = SharedCharacters()
        understood = Reading("请问怎么备案", "怎么备案", "异地就医备案", Counter(), {}, ())
        self.weighed("请问怎么备案", self.found(0.1, reading=understood), reader)
        assert [question for question, _ in reader.read] == [understood.text]

    @pytest.mark.parametrize(("similarity", "case"), [(0.5, "sure"), (-0.5, "hopeless")])
    def test_is_not_taken_of_what_is_sure_or_hopeless(self, similarity: float, case: str) -> None:
        reader, found = SharedCharacters(), self.found(similarity)
        weighed = self.weighed("生育津贴", found, reader)
        assert (weighed.candidates[0].confidence > 0.9) is (case == "sure")
        assert reader.read == []
        assert weighed.candidates == self.weighed("生育津贴", found).candidates
        # By both looks all the same: what such a probability is worth was counted over both.
        assert (weighed.encoder, weighed.model) == ("e+reranker#1", self.FIRST_LOOK)

    def test_that_fails_leaves_the_first_and_a_line_in_the_log(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        reader, found = SharedCharacters(fails=True), self.found(0.12, 0.1)
        with caplog.at_level(logging.WARNING):
            weighed = self.weighed("备案", found, reader)
        assert len(reader.read) == 1
        assert weighed == self.weighed("备案", found)
        assert (weighed.encoder, weighed.model) == ("e#1", self.FIRST_LOOK)
        assert [(line.levelname, line.getMessage()) for line in caplog.records] == [
            ("WARNING", "not read again: out of memory")
        ]

    @pytest.mark.parametrize("encoder", ["other#1", "http:unknown@model", ""])
    def test_is_not_taken_with_an_encoder_that_has_no_weights_for_it(self, encoder: str) -> None:
        reader, found = SharedCharacters(), self.found(0.12, 0.1)
        assert with_reranker(encoder) == encoder
        assert self.weighed("备案", found, reader, encoder) == self.weighed("备案", found, encoder=encoder)
        assert reader.read == []

    def test_is_not_taken_where_nothing_was_found_by_meaning(self) -> None:
        reader, by_words = SharedCharacters(), result(Hit(1, 0.9, 0.6, lexical_rank=1))
        assert self.weighed("备案", by_words, reader).encoder == ""
        assert reader.read == []

    def test_is_not_taken_at_one_question_as_several_regions_answer_it(self) -> None:
        reader, found = SharedCharacters(), self.found(0.1, 0.1)
        copies = {1: an_entry(1, "杭州市住院押金多少"), 2: an_entry(2, "宁波住院押金多少")}
        weigh("住院押金", [], found, copies, "e#1", reader)
        assert reader.read == []
        weigh("住院押金", [], found, copies | {2: an_entry(2, "宁波门诊押金多少")}, "e#1", reader)
        assert reader.read != []

    def test_does_not_change_that_a_question_asked_verbatim_is_certain(self) -> None:
        # It shares more characters with another entry's text than with its own.
        found = self.found(0.1, 0.1, 0.1)
        own, other = an_entry(1, "备案", variants=("办备案",)), an_entry(2, "备案办理备案吗")
        entries = {1: own, 2: other, 3: ENTRIES[3]}
        weighed = weigh("办备案", [], found, entries, "e#1", SharedCharacters())
        assert (weighed.candidates[0].entry.id, weighed.candidates[0].verbatim) == (1, True)
        assert weighed.candidates[0].confidence >= VERBATIM

    def test_by_the_bundled_reranker_tells_neighbours_apart(self) -> None:
        entries = {
            1: an_entry(1, "生育津贴如何申领", variants=("生孩子的钱怎么领",)),
            2: an_entry(2, "生育医疗费用如何报销", variants=("生孩子住院的费用怎么报",)),
        }
        found = self.found(0.1, 0.1)
        for question, first in (("生娃住院花的钱给报不", 2), ("休产假的补贴上哪领", 1)):
            weighed = weigh(question, [], found, entries, "e#1", open_reranker())
            assert weighed.candidates[0].entry.id == first

    def test_is_named_beside_its_encoder(self) -> None:
        assert with_reranker("e") == "e+reranker"
        assert with_reranker("e#0123456789ab") == "e+reranker#0123456789ab"
        assert family_of("e+reranker#0123456789ab") == "e+reranker"
