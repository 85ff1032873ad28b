"""An encoder that is missing or breaks costs the search by meaning, never an answer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.circuit import Circuit
from indexer.encoders import HttpEncoder
from indexer.live import LiveIndex
from indexer.model_encoder import ModelEncoder
from indexer.scope import Scope
from indexer.snapshot import current_name
from tests.indexer.embedding_server import EmbeddingServer, embedding_server
from tests.indexer.making import TODAY, CharacterEncoder, KnowledgeInMemory, OpenIndex, an_entry

TOPICS = ("生育津贴如何申领", "异地就医如何备案", "门诊费用如何报销")
MOODS = ("with an error", "with a page", "one too few", "not a number", "in another protocol", "cut short")


@pytest.fixture
def record() -> KnowledgeInMemory:
    return KnowledgeInMemory(an_entry(id, question) for id, question in enumerate(TOPICS, start=1))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as running:
        yield running


@pytest.fixture
def index(root: Path, record: KnowledgeInMemory, server: EmbeddingServer, live: OpenIndex) -> LiveIndex:
    opened = live(root, record, HttpEncoder(server.url, "m3"))
    opened.open(TODAY)
    return opened


def ask(index: LiveIndex, question: str = "异地就医怎么备案") -> tuple[int, bool, str]:
    """The first hit, whether it was found by meaning too, and the warning."""
    result = index.search(question, Scope(TODAY))
    return result.hits[0].entry_id, bool(result.hits[0].dense_rank), result.warning


def test_a_working_encoder_needs_no_warning(index: LiveIndex) -> None:
    assert ask(index) == (2, True, "")
    assert index.encoder_error == ""
    assert index.vectors() == 3


def test_without_an_encoder_words_find_it_and_the_answer_says_so(
    root: Path, record: KnowledgeInMemory, live: OpenIndex
) -> None:
    words = live(root, record)
    words.open(TODAY)
    assert ask(words) == (2, False, "语义检索未启用，仅按词语检索")
    assert (words.encoder_name, words.vectors(), words.similarity(["备案"])) == ("", 0, None)


@pytest.mark.parametrize("mood", MOODS)
def test_one_that_breaks_while_asking_is_left_aside_until_it_works_again(
    index: LiveIndex, server: EmbeddingServer, mood: str
) -> None:
    server.mood = mood
    assert ask(index) == (2, False, "语义检索暂不可用，仅按词语检索")
    assert server.url in index.encoder_error
    server.mood = "well"
    assert ask(index) == (2, True, "")
    assert index.encoder_error == ""


def test_while_it_fails_a_question_asked_before_carries_the_warning_too(
    root: Path, record: KnowledgeInMemory, server: EmbeddingServer, live: OpenIndex
) -> None:
    index = live(root, record, HttpEncoder(server.url, "m3", circuit=Circuit(rest=0)))
    index.open(TODAY)
    assert ask(index) == (2, True, "")
    server.mood = "with an error"
    assert ask(index, "门诊费用怎么报")[2] == "语义检索暂不可用，仅按词语检索"
    for question in ("异地就医怎么备案", "异地就医怎么备案。"):
        assert ask(index, question)[2].startswith("语义检索暂不可用，"), question
    assert ask(index) == (2, True, "语义检索暂不可用，沿用此前的语义计算")
    assert server.url in index.encoder_error, "what was remembered does not say that it works again"
    server.mood = "well"
    assert ask(index) == (2, True, "")
    assert index.encoder_error == ""


@pytest.mark.parametrize("mood", MOODS)
def test_one_that_breaks_while_building_leaves_an_index_of_words(
    root: Path, record: KnowledgeInMemory, server: EmbeddingServer, live: OpenIndex, mood: str
) -> None:
    server.mood = mood
    index = live(root, record, HttpEncoder(server.url, "m3"))
    index.open(TODAY)
    server.mood = "well"
    assert ask(index) == (2, False, "语义索引尚未建立，仅按词语检索")
    index.rebuild(TODAY)
    assert ask(index) == (2, True, "")


@pytest.mark.parametrize("mood", MOODS)
def test_one_that_breaks_while_publishing_does_not_keep_the_entry_from_being_found(
    index: LiveIndex, record: KnowledgeInMemory, server: EmbeddingServer, mood: str
) -> None:
    server.mood = mood
    record.publish(an_entry(4, "急诊抢救怎么结算"))
    assert index.follow(TODAY) == 1
    hits = index.search("急诊抢救怎么结算", Scope(TODAY)).hits
    assert (hits[0].entry_id, hits[0].dense_rank) == (4, 0)
    assert not index.needs_rebuild()  # it would fail again
    server.mood = "well"
    assert 4 in [hit.entry_id for hit in index.search("急诊抢救怎么结算", Scope(TODAY)).hits]
    assert index.needs_rebuild()
    index.rebuild(TODAY)
    assert ask(index, "急诊抢救怎么结算") == (4, True, "")
    assert not index.needs_rebuild()


def test_one_that_keeps_us_waiting_does_not_keep_the_entry_from_being_found_by_words(
    index: LiveIndex, record: KnowledgeInMemory, server: EmbeddingServer
) -> None:
    server.mood = "never"
    record.publish(an_entry(4, "急诊抢救怎么结算"))
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(index.follow, TODAY)
        while index.entries() == 3 and not following.done():
            pass
        assert (index.entries(), following.done()) == (4, False)
        server.release.set()
        assert following.result() == 1
    assert index.needs_rebuild() is False  # not before the encoder works again


def test_one_that_hangs_costs_three_questions_a_wait_and_the_others_none(
    root: Path, record: KnowledgeInMemory, server: EmbeddingServer, live: OpenIndex
) -> None:
    moment = [100.0]
    circuit = Circuit(clock=lambda: moment[0])
    index = live(root, record, HttpEncoder(server.url, "m3", timeout=0.3, circuit=circuit))
    index.open(TODAY)
    server.mood = "never"
    server.asked.clear()
    for _ in range(20):
        assert ask(index) == (2, False, "语义检索暂不可用，仅按词语检索")
    assert len(server.asked) == 3
    assert "连续3次失败，已停用，每隔30秒再试一次" in index.encoder_error
    assert server.url in index.encoder_error
    record.publish(an_entry(4, "急诊抢救怎么结算"))
    assert index.follow(TODAY) == 1
    assert len(server.asked) == 3, "publishing does not wait for it either"
    moment[0] += 30
    assert ask(index)[1] is False
    assert len(server.asked) == 4, "one trial"
    server.mood = "well"
    assert ask(index)[1] is False, "not before the next trial"
    moment[0] += 30
    assert ask(index) == (2, True, "")
    assert index.encoder_error == ""
    assert index.needs_rebuild(), "what was published meanwhile has no vectors yet"


def test_one_that_answers_with_another_dimension_is_left_aside(
    index: LiveIndex, record: KnowledgeInMemory, server: EmbeddingServer
) -> None:
    server.encoder = CharacterEncoder(dimension=24)
    assert ask(index) == (2, False, "语义索引尚未建立，仅按词语检索")
    record.publish(an_entry(4, "急诊抢救怎么结算"))
    index.follow(TODAY)
    assert ask(index, "急诊抢救怎么结算")[:2] == (4, False)
    assert index.needs_rebuild()
    index.rebuild(TODAY)
    assert ask(index, "急诊抢救怎么结算") == (4, True, "")


def test_a_process_that_starts_with_the_new_dimension_follows_and_can_rebuild(
    root: Path, record: KnowledgeInMemory, index: LiveIndex, server: EmbeddingServer, live: OpenIndex
) -> None:
    index.close()
    server.encoder = CharacterEncoder(dimension=24)
    record.publish(an_entry(4, "急诊抢救怎么结算"))
    again = live(root, record, HttpEncoder(server.url, "m3"))
    again.open(TODAY)
    assert ask(again, "急诊抢救怎么结算")[:2] == (4, False)
    again.rebuild(TODAY)
    assert ask(again, "急诊抢救怎么结算") == (4, True, "")


def test_another_encoder_builds_the_index_anew(
    root: Path, record: KnowledgeInMemory, index: LiveIndex, server: EmbeddingServer, live: OpenIndex
) -> None:
    name = current_name(root)
    index.close()
    other = live(root, record, HttpEncoder(server.url, "m4"))
    other.open(TODAY)
    assert current_name(root) != name
    assert ask(other) == (2, True, "")


def test_a_rebuild_encodes_only_what_changed(
    index: LiveIndex, record: KnowledgeInMemory, server: EmbeddingServer
) -> None:
    server.asked.clear()
    record.publish(an_entry(2, "异地就医如何备案", revision=2, variants=("在外地看病先登记吗",)))
    index.rebuild(TODAY)
    assert [request["input"] for request in server.asked] == [["在外地看病先登记吗"]]


class TestSimilarity:
    def test_is_the_cosine_of_each_pair(self, index: LiveIndex) -> None:
        cosines = index.similarity(["异地就医", "异地就医", "门诊"])
        assert cosines is not None
        assert cosines.shape == (3, 3)
        assert cosines[0, 1] == pytest.approx(1.0, abs=2e-3)
        assert cosines[0, 2] < 0.9

    @pytest.mark.parametrize("mood", MOODS)
    def test_is_not_known_when_the_encoder_breaks(
        self, index: LiveIndex, server: EmbeddingServer, mood: str
    ) -> None:
        server.mood = mood
        assert index.similarity(["家庭共济", "门诊统筹"]) is None


def test_the_bundled_encoder_finds_a_paraphrase_that_shares_no_word(
    root: Path, record: KnowledgeInMemory, bundled: ModelEncoder, live: OpenIndex
) -> None:
    index = live(root, record, bundled)
    index.open(TODAY)
    result = index.search("当妈妈之后能拿到钱不", Scope(TODAY))
    hit = next(hit for hit in result.hits if hit.entry_id == 1)
    assert (hit.lexical_rank, hit.dense_rank, result.warning) == (0, 1, "")
