"""How near a question comes to the entries' answers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.answers import ANSWER_LENGTH, AnswerVectors
from indexer.encoders import EncoderUnavailable, Vectors
from indexer.live import LiveIndex
from indexer.scope import Scope
from tests.indexer.making import TODAY, AnswersToo, KnowledgeInMemory, OpenIndex, an_entry

QUESTION = np.array([1, 0, 0], np.float32)


def at(*cosines: float) -> Vectors:
    """Unit vectors at these cosines to the question."""
    return np.array([(cosine, np.sqrt(1 - cosine**2), 0) for cosine in cosines], np.float32)


def stored(*cosines: float) -> AnswerVectors:
    return AnswerVectors(at(*cosines).astype(np.float16))


def rows(*numbers: int) -> NDArray[np.int32]:
    return np.array(numbers, np.int32)


class TestSimilarities:
    def test_are_the_cosines_in_the_order_of_the_rows(self) -> None:
        answers = stored(0.9, 0.5, -0.2)
        assert answers.similarities(QUESTION, [2, 0, 1, 0]) == pytest.approx([-0.2, 0.9, 0.5, 0.9], abs=2e-3)

    def test_a_row_without_a_vector_is_as_unlike_as_any(self) -> None:
        answers = stored(0.9)
        answers.add(at(0.8), rows(4))
        assert answers.similarities(QUESTION, [1, 3, 5, 99]) == [0, 0, 0, 0]

    def test_where_nothing_is_known_every_row_is(self) -> None:
        assert AnswerVectors().similarities(QUESTION, [0, 7]) == [0, 0]

    def test_of_no_rows_are_none(self) -> None:
        assert stored(0.9).similarities(QUESTION, []) == []

    def test_those_that_were_added_stand_beside_those_stored_and_over_them(self) -> None:
        answers = stored(0.9, 0.5)
        answers.add(at(0.7, 0.1), rows(3, 1))
        assert answers.similarities(QUESTION, [0, 1, 2, 3]) == pytest.approx([0.9, 0.1, 0, 0.7], abs=2e-3)
        answers.add(at(0.3), rows(3))
        assert answers.similarities(QUESTION, [3]) == pytest.approx([0.3], abs=2e-3)


class TestSaving:
    @pytest.mark.parametrize("cosines", [(), (0.9,), (0.9, -0.5, 0.2)])
    def test_what_was_saved_is_loaded(self, tmp_path: Path, cosines: tuple[float, ...]) -> None:
        answers = stored(*cosines) if cosines else AnswerVectors(np.zeros((0, 3), np.float16))
        answers.save(tmp_path)
        loaded, asked = AnswerVectors.load(tmp_path), list(range(5))
        assert loaded.similarities(QUESTION, asked) == answers.similarities(QUESTION, asked)

    def test_none_at_all_are_loaded_as_none(self, tmp_path: Path) -> None:
        AnswerVectors().save(tmp_path)
        assert AnswerVectors.load(tmp_path).similarities(QUESTION, [0]) == [0]

    def test_more_can_be_added_to_what_was_loaded(self, tmp_path: Path) -> None:
        stored(0.9, 0.5).save(tmp_path)
        loaded = AnswerVectors.load(tmp_path)
        loaded.add(at(0.1), rows(0))
        assert loaded.similarities(QUESTION, [0, 1]) == pytest.approx([0.1, 0.5], abs=2e-3)
        assert AnswerVectors.load(tmp_path).similarities(QUESTION, [0]) == pytest.approx([0.9], abs=2e-3)


class TestInTheIndexThatServes:
    """What is published, replaced or withdrawn counts by the answer that it has now."""

    ASKED = "生育津贴多少"

    @pytest.fixture
    def record(self) -> KnowledgeInMemory:
        return KnowledgeInMemory(
            [
                an_entry(1, "生育津贴如何申领", answer="由用人单位申请。"),
                an_entry(2, "生育津贴标准", answer="津贴按单位平均工资计发。"),
            ]
        )

    @pytest.fixture
    def index(self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex) -> LiveIndex:
        opened = live(tmp_path / "index", record, AnswersToo())
        opened.open(TODAY)
        return opened

    def cosine(self, index: LiveIndex, answer: str) -> float:
        asked, answered = AnswersToo().encode_questions([index.read(self.ASKED).text, answer])
        return float(asked @ answered)

    def answers(self, index: LiveIndex) -> dict[int, float]:
        return {hit.entry_id: hit.answer for hit in index.search(self.ASKED, Scope(TODAY)).hits}

    def test_each_hit_has_the_cosine_of_its_own_answer(self, index: LiveIndex) -> None:
        expected = {
            1: self.cosine(index, "由用人单位申请。"),
            2: self.cosine(index, "津贴按单位平均工资计发。"),
        }
        assert expected[1] != pytest.approx(expected[2], abs=1e-2)
        assert self.answers(index) == pytest.approx(expected, abs=2e-3)

    def test_a_replaced_answer_counts_after_following(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        new = "生育津贴多少，看缴费基数。"
        record.publish(an_entry(1, "生育津贴如何申领", revision=2, answer=new))
        index.follow(TODAY)
        assert self.answers(index)[1] == pytest.approx(self.cosine(index, new), abs=2e-3)
        assert self.answers(index)[2] == pytest.approx(
            self.cosine(index, "津贴按单位平均工资计发。"), abs=2e-3
        )

    def test_entries_published_together_each_get_their_own(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        new = {7: "生育津贴多少由基数定。", 3: "门诊费用可以报销。", 5: "生育医疗费另算。"}
        record.publish(*(an_entry(id, f"生育津贴第{id}问", answer=answer) for id, answer in new.items()))
        index.follow(TODAY)
        found = self.answers(index)
        assert {id: found[id] for id in new} == pytest.approx(
            {id: self.cosine(index, answer) for id, answer in new.items()}, abs=2e-3
        )

    def test_after_a_rebuild_and_after_a_restart_they_are_the_same(
        self, tmp_path: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
    ) -> None:
        record.publish(an_entry(1, "生育津贴如何申领", revision=2, answer="生育津贴多少，看缴费基数。"))
        index.follow(TODAY)
        before = self.answers(index)
        again = live(tmp_path / "index", record, AnswersToo())
        again.open(TODAY)
        assert self.answers(again) == pytest.approx(before, abs=2e-3)
        index.rebuild(TODAY)
        assert self.answers(index) == pytest.approx(before, abs=2e-3)

    def test_only_the_beginning_of_an_answer_counts(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        beginning = "生育津贴按缴费基数计发。" * ANSWER_LENGTH
        record.publish(an_entry(1, "生育津贴如何申领", revision=2, answer=beginning + "门诊" * 500))
        index.follow(TODAY)
        assert self.answers(index)[1] == pytest.approx(
            self.cosine(index, beginning[:ANSWER_LENGTH]), abs=2e-3
        )

    def test_by_words_alone_there_are_none(
        self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex
    ) -> None:
        words = live(tmp_path / "words", record)
        words.open(TODAY)
        result = words.search(self.ASKED, Scope(TODAY))
        assert ({hit.answer for hit in result.hits}, result.answers) == ({0.0}, 0.0)

    def test_an_entry_published_while_the_encoder_failed_has_none(
        self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex
    ) -> None:
        class Moody(AnswersToo):
            fails = False

            def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
                if self.fails:
                    raise EncoderUnavailable("暂停服务")
                return super().encode_phrasings(texts)

        encoder = Moody()
        index = live(tmp_path / "moody", record, encoder)
        index.open(TODAY)
        encoder.fails = True
        record.publish(an_entry(3, "生育津贴多少", answer="生育津贴多少，看缴费基数。"))
        index.follow(TODAY)
        found = self.answers(index)
        assert found[3] == 0.0
        assert found[2] > 0
