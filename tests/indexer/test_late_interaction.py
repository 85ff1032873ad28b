"""Questions and entries compared token by token."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import late_interaction
from indexer.encoders import TOKEN_DIMENSION, EncoderUnavailable, Vectors
from indexer.late_interaction import PACKED_BYTES, Packed, TokenVectors, TokenWriter, pack, unpack
from indexer.live import LiveIndex
from indexer.scope import Scope
from knowledge.entry import PublishedEntry
from tests.indexer.making import (
    TODAY,
    AnswersToo,
    CharacterEncoder,
    CharacterTokens,
    KnowledgeInMemory,
    OpenIndex,
    an_entry,
    character_tokens,
    share_said,
)


def directions(count: int, seed: int = 0) -> Vectors:
    """Random unit vectors (count, TOKEN_DIMENSION)."""
    drawn = np.random.default_rng(seed).standard_normal((count, TOKEN_DIMENSION))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def along(*axes: int) -> Vectors:
    """Unit vectors along these axes: at right angles unless they are the same."""
    return np.eye(TOKEN_DIMENSION, dtype=np.float32)[list(axes)]


def packed(*axes: int) -> Packed:
    return pack(along(*axes))


def written(folder: Path, *added: tuple[int, Packed]) -> TokenVectors:
    """What was written one by one and loaded."""
    with TokenWriter(folder) as writer:
        for row, tokens in added:
            writer.add([row], [tokens])
    return TokenVectors.load(folder)


class TestPacking:
    @given(st.integers(0, 10_000), st.integers(0, 40))
    def test_what_comes_back_is_of_unit_length_and_points_where_it_did(self, seed: int, count: int) -> None:
        tokens = directions(count, seed)
        back = unpack(pack(tokens))
        assert back.shape == tokens.shape
        assert back.dtype == np.float32
        assert np.allclose(np.linalg.norm(back, axis=1), 1.0, atol=1e-5)
        assert (back * tokens).sum(axis=1).min(initial=1.0) >= 0.98

    @given(st.integers(0, 10_000))
    def test_a_cosine_of_two_is_kept_to_a_few_hundredths(self, seed: int) -> None:
        one, noise = directions(2, seed)
        other = (one + noise) / np.linalg.norm(one + noise)
        back = unpack(pack(np.stack([one, other])))
        assert float(back[0] @ back[1]) == pytest.approx(float(one @ other), abs=0.05)

    def test_a_token_takes_half_a_byte_a_number(self) -> None:
        made = pack(directions(3))
        assert made.shape == (3, PACKED_BYTES)
        assert made.dtype == np.uint8
        assert PACKED_BYTES * 2 == TOKEN_DIMENSION

    def test_every_number_has_its_own_place_and_sign(self) -> None:
        tokens = np.concatenate([along(*range(TOKEN_DIMENSION)), -along(*range(TOKEN_DIMENSION))])
        assert np.array_equal(unpack(pack(tokens)), tokens)

    def test_steps_lie_evenly_up_to_the_widest(self) -> None:
        tokens = np.zeros((1, TOKEN_DIMENSION), np.float32)
        tokens[0, [0, 1, 2]] = (0.25, -0.25, 0.01)
        tokens[0, [64, 65, 66]] = (0.125, 0.9, 3 / 28)
        nibbles = pack(tokens)[0, :3]
        assert [(int(byte) & 15, int(byte) >> 4) for byte in nibbles] == [(14, 11), (0, 14), (7, 10)]

    def test_what_points_nowhere_stays_so(self) -> None:
        assert not unpack(pack(np.zeros((2, TOKEN_DIMENSION), np.float32))).any()


class TestScores:
    def test_worked_out_by_hand(self) -> None:
        tokens = TokenVectors()
        half = pack((along(1) + along(2)) / np.float32(np.sqrt(2)))
        tokens.add([0, 1, 2], [packed(1, 5), np.concatenate([half, packed(3)]), packed(7, 8, 9)])
        question = along(1, 2, 3, 4)
        # Of four tokens: one is there; two at 45 degrees and one there; none.
        expected = [1 / 4, (2 * np.sqrt(0.5) + 1) / 4, 0.0]
        assert tokens.scores(question, [0, 1, 2]) == pytest.approx(expected, abs=1e-5)

    def test_a_token_counts_by_the_nearest_one_alone_however_many_are_near(self) -> None:
        tokens = TokenVectors()
        tokens.add([0, 1], [packed(1), packed(1, 1, 1, 6)])
        assert tokens.scores(along(1, 2), [0, 1]) == pytest.approx([0.5, 0.5])

    def test_what_points_the_other_way_scores_below_nothing(self) -> None:
        tokens = TokenVectors()
        tokens.add([0], [pack(-along(1))])
        assert tokens.scores(along(1), [0]) == pytest.approx([-1.0])

    def test_come_in_the_order_that_was_asked_for_and_as_often(self) -> None:
        tokens = TokenVectors()
        tokens.add([3, 8], [packed(1), packed(1, 2)])
        assert tokens.scores(along(1, 2), [8, 3, 5, 8]) == pytest.approx([1.0, 0.5, 0.0, 1.0])

    def test_a_row_that_is_not_known_scores_nothing(self) -> None:
        tokens = TokenVectors()
        assert tokens.scores(along(1), [0, 99]) == [0, 0]
        tokens.add([1, 2], [packed(1), packed()])
        assert tokens.scores(along(1), [0, 1, 2, 3]) == pytest.approx([0, 1, 0, 0])

    def test_a_question_without_tokens_scores_nothing(self) -> None:
        tokens = TokenVectors()
        tokens.add([0], [packed(1)])
        assert tokens.scores(along(), [0, 1]) == [0, 0]

    def test_of_no_rows_are_none(self) -> None:
        assert TokenVectors().scores(along(1), []) == []

    @given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 5), st.integers(0, 1000))
    def test_are_those_of_each_row_by_itself(self, lengths: list[int], asked: int, seed: int) -> None:
        drawn = [directions(length, seed + place) for place, length in enumerate(lengths)]
        tokens, question = TokenVectors(), directions(asked, seed + 77)
        tokens.add(range(len(drawn)), map(pack, drawn))
        expected = [
            float((question @ unpack(pack(each)).T).max(axis=1).mean()) if len(each) else 0.0
            for each in drawn
        ]
        assert tokens.scores(question, range(len(drawn))) == pytest.approx(expected, abs=1e-5)

    @pytest.mark.parametrize("asked", [1, 300, 3_000])
    def test_of_a_long_question_are_the_same_as_by_one_product(
        self, monkeypatch: pytest.MonkeyPatch, asked: int
    ) -> None:
        question, tokens = directions(asked, 1), TokenVectors()
        tokens.add(range(5), [pack(directions(count, count)) for count in (1, 20, 3, 150, 7)])
        in_blocks = tokens.scores(question, range(5))
        monkeypatch.setattr(late_interaction, "_AT_ONCE", 1 << 40)
        assert in_blocks == pytest.approx(tokens.scores(question, range(5)), abs=1e-5)


class TestAdding:
    def test_what_was_added_stands_beside_what_was_stored_and_over_it(self, tmp_path: Path) -> None:
        tokens = written(tmp_path, (0, packed(1)), (1, packed(2)))
        tokens.add([1, 4], [packed(1, 2), packed(3)])
        assert tokens.scores(along(1, 2, 3, 4), [0, 1, 2, 4]) == pytest.approx([0.25, 0.5, 0, 0.25])
        tokens.add([4], [packed()])
        assert tokens.scores(along(3), [4]) == [0]

    def test_it_does_not_touch_the_files(self, tmp_path: Path) -> None:
        written(tmp_path, (0, packed(1))).add([0], [packed(2)])
        assert TokenVectors.load(tmp_path).scores(along(1), [0]) == pytest.approx([1.0])


class TestWriting:
    ROWS = (0, 1, 5, 7)
    TOKENS = (packed(1, 2), packed(3), packed(), packed(2, 4, 6))
    ASKED = (0, 1, 2, 5, 7, 9)

    def test_what_was_written_scores_as_if_it_was_added(self, tmp_path: Path) -> None:
        added, question = TokenVectors(), along(1, 2, 3, 4)
        added.add(self.ROWS, self.TOKENS)
        loaded = written(tmp_path, *zip(self.ROWS, self.TOKENS, strict=True))
        assert loaded.scores(question, self.ASKED) == added.scores(question, self.ASKED)
        assert loaded.scores(question, self.ASKED) == pytest.approx([0.5, 0.25, 0, 0, 0.5, 0])

    def test_all_in_one_call_is_the_same(self, tmp_path: Path) -> None:
        with TokenWriter(tmp_path) as writer:
            writer.add(self.ROWS, self.TOKENS)
        loaded = TokenVectors.load(tmp_path)
        assert loaded.scores(along(1, 2, 3, 4), self.ASKED) == pytest.approx([0.5, 0.25, 0, 0, 0.5, 0])

    def test_texts_of_one_row_that_follow_one_another_are_one_slice(self, tmp_path: Path) -> None:
        loaded = written(tmp_path, (2, packed(1)), (2, packed(2, 3)), (2, packed()), (4, packed(4)))
        assert loaded.scores(along(1, 2, 3, 4), [2, 4]) == pytest.approx([0.75, 0.25])
        assert np.load(tmp_path / "tokens.npy").tolist() == [[2, 0, 3], [4, 3, 4]]

    def test_a_row_that_comes_again_later_has_both(self, tmp_path: Path) -> None:
        phrasings, answers = [packed(1), packed(2), packed(3)], [packed(4), packed(), packed(1, 2)]
        with TokenWriter(tmp_path) as writer:
            writer.add(range(3), phrasings)
            writer.add(range(3), answers)
        loaded = TokenVectors.load(tmp_path)
        assert loaded.scores(along(1, 2, 3, 4), range(3)) == pytest.approx([0.5, 0.25, 0.75])

    @pytest.mark.parametrize("rows", [(), (0, 3)])
    def test_nothing_at_all_is_loaded_as_nothing(self, tmp_path: Path, rows: tuple[int, ...]) -> None:
        loaded = written(tmp_path, *((row, packed()) for row in rows))
        assert loaded.scores(along(1), [0, 3]) == [0, 0]
        loaded.add([3], [packed(1)])
        assert loaded.scores(along(1), [0, 3]) == pytest.approx([0, 1])

    def test_rows_and_texts_of_another_number_are_refused(self, tmp_path: Path) -> None:
        with TokenWriter(tmp_path) as writer, pytest.raises(ValueError, match="shorter"):
            writer.add([1, 2], [packed(1)])
        with pytest.raises(ValueError, match="shorter"):
            TokenVectors().add([1, 2], [packed(1)])


class TestInTheIndexThatServes:
    """What is published, replaced or withdrawn counts by all that it says now."""

    ASKED = "生育津贴多少"
    ENTRIES = (
        an_entry(1, "生育津贴如何申领", variants=("生孩子的钱怎么领",), answer="由用人单位申请。"),
        an_entry(2, "津贴标准", variants=("发多少",), answer="职工生育保险按单位平均工资计发。"),
    )

    @pytest.fixture
    def record(self) -> KnowledgeInMemory:
        return KnowledgeInMemory(self.ENTRIES)

    @pytest.fixture
    def index(self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex) -> LiveIndex:
        return self.opened(tmp_path, record, live, CharacterTokens())

    def opened(
        self, folder: Path, record: KnowledgeInMemory, live: OpenIndex, encoder: CharacterEncoder
    ) -> LiveIndex:
        index = live(folder / "index", record, encoder)
        index.open(TODAY)
        return index

    def expected(self, index: LiveIndex, *entries: PublishedEntry) -> dict[int, float]:
        asked = index.read(self.ASKED).text
        return {entry.id: share_said(asked, *entry.text.phrasings(), entry.text.answer) for entry in entries}

    def late(self, index: LiveIndex) -> dict[int, float]:
        return {hit.entry_id: hit.late for hit in index.search(self.ASKED, Scope(TODAY)).hits}

    def test_each_hit_has_the_score_of_all_that_its_entry_says(self, index: LiveIndex) -> None:
        # 生育津贴 of six characters; and all six, 生育 from the answer, 津贴 and 多少 from two phrasings.
        assert self.expected(index, *self.ENTRIES) == pytest.approx({1: 4 / 6, 2: 1.0})
        assert self.late(index) == pytest.approx({1: 4 / 6, 2: 1.0})

    def test_it_is_what_the_tokens_of_the_encoder_come_to(
        self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex
    ) -> None:
        class Slanted(CharacterTokens):
            """Its characters are alike to every degree."""

            def encode_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Vectors]]:
                vectors, tokens = super().encode_with_tokens(texts)
                return vectors, [each @ directions(TOKEN_DIMENSION, 5) for each in tokens]

        index = self.opened(tmp_path, record, live, Slanted())
        asked = character_tokens(index.read(self.ASKED).text) @ directions(TOKEN_DIMENSION, 5)
        expected = {}
        for entry in self.ENTRIES:
            said = character_tokens("".join((*entry.text.phrasings(), entry.text.answer)))
            expected[entry.id] = (asked @ (said @ directions(TOKEN_DIMENSION, 5)).T).max(axis=1).mean().item()
        assert self.late(index) == pytest.approx(expected, abs=0.02)

    def test_a_replaced_entry_counts_by_its_new_wording_after_following(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        new = an_entry(2, "津贴标准", revision=2, answer="看单位。")
        record.publish(new)
        index.follow(TODAY)
        assert self.late(index) == pytest.approx(self.expected(index, self.ENTRIES[0], new))
        assert self.late(index)[2] == pytest.approx(2 / 6)

    def test_entries_published_together_each_get_their_own(
        self, record: KnowledgeInMemory, index: LiveIndex
    ) -> None:
        new = (
            an_entry(7, "生育津贴第七问", variants=("多少钱",), answer="看基数。"),
            an_entry(3, "津贴第三问", answer="报销。"),
            an_entry(5, "生育第五问", variants=("生孩子", "怀孕"), answer="不少。"),
        )
        record.publish(*new)
        index.follow(TODAY)
        assert self.late(index) == pytest.approx(self.expected(index, *self.ENTRIES, *new))

    def test_after_a_restart_and_after_a_rebuild_they_are_the_same(
        self, tmp_path: Path, record: KnowledgeInMemory, index: LiveIndex, live: OpenIndex
    ) -> None:
        new = (
            an_entry(1, "生育津贴如何申领", revision=2, answer="多打听。"),
            an_entry(4, "生育险", variants=("缴费少",)),
        )
        record.publish(*new)
        record.withdraw(2)
        index.follow(TODAY)
        followed = self.late(index)
        assert followed == pytest.approx(self.expected(index, *new))
        replayed = self.opened(tmp_path, record, live, CharacterTokens())
        assert replayed.snapshot == index.snapshot
        assert self.late(replayed) == pytest.approx(followed)
        index.rebuild(TODAY)
        assert self.late(index) == pytest.approx(followed)
        assert index.snapshot != replayed.snapshot
        assert self.late(self.opened(tmp_path, record, live, CharacterTokens())) == pytest.approx(followed)

    def test_an_encoder_without_tokens_scores_nothing(
        self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex
    ) -> None:
        index = self.opened(tmp_path, record, live, AnswersToo())
        record.publish(an_entry(3, "生育津贴多少"))
        index.follow(TODAY)
        assert self.late(index) == {1: 0, 2: 0, 3: 0}
        index.rebuild(TODAY)
        assert self.late(index) == {1: 0, 2: 0, 3: 0}

    def test_one_whose_vectors_of_answers_are_not_weighed_scores_by_phrasings_alone(
        self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex
    ) -> None:
        index = self.opened(tmp_path, record, live, CharacterTokens("http:some-model"))
        assert self.late(index) == pytest.approx({1: 4 / 6, 2: 4 / 6})

    def test_by_words_alone_there_is_none(
        self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex
    ) -> None:
        words = live(tmp_path / "words", record)
        words.open(TODAY)
        assert set(self.late(words).values()) == {0.0}

    def test_an_entry_published_while_the_encoder_failed_has_none(
        self, tmp_path: Path, record: KnowledgeInMemory, live: OpenIndex
    ) -> None:
        class Moody(CharacterTokens):
            fails = False

            def encode_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Vectors]]:
                if self.fails:
                    raise EncoderUnavailable("暂停服务")
                return super().encode_with_tokens(texts)

        encoder = Moody()
        index = self.opened(tmp_path, record, live, encoder)
        encoder.fails = True
        record.publish(an_entry(3, "生育津贴多少"))
        index.follow(TODAY)
        encoder.fails = False
        assert self.late(index) == pytest.approx({**self.expected(index, *self.ENTRIES), 3: 0.0})


def test_an_entry_with_more_tokens_than_there_is_room_for_is_compared_in_turns() -> None:
    drawn = np.random.default_rng(5).standard_normal((9_000, TOKEN_DIMENSION)).astype(np.float32)
    many = pack(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
    tokens, question = TokenVectors(), unpack(many[[4_095, 4_096, 8_999]])
    tokens.add([0, 1], [many, many[:10]])
    whole, few = tokens.scores(question, [0, 1])
    assert whole == pytest.approx(1.0, abs=1e-5)
    assert few < 0.5
