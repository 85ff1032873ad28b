"""The encoder that comes with the product. Nothing here depends on how well it was trained."""

import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from indexer import model_encoder
from indexer.encoders import (
    TOKEN_DIMENSION,
    EncoderUnavailable,
    TokenEncoder,
    Vectors,
    encode_question,
    open_encoder,
)
from indexer.model_encoder import (
    BUNDLED,
    ELSEWHERE_FILE,
    MODEL_FILE,
    SETTINGS_FILE,
    TOKENIZER_FILE,
    ModelEncoder,
    open_graph,
)
from indexer.normalise import simplify

TEXTS = (
    "生育津贴怎么领",
    "异地就医备案",
    "医",
    "APP 上查不到12393的办理进度",
    "我老公在外地上班，我跟着他在那边生的孩子，现在想回来报销，要带哪些材料，多久能到账？",
)


def of_unit_length(vectors: Vectors) -> bool:
    return bool(np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4))


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Path]:
    """A copy of the model folder, to be damaged."""
    folder = tmp_path / "model"
    shutil.copytree(BUNDLED, folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)  # thirty megabytes a test


class TestVectors:
    def test_are_of_unit_length_and_of_its_dimension(self, bundled: ModelEncoder) -> None:
        vectors = bundled.encode_questions(TEXTS)
        assert vectors.shape == (len(TEXTS), bundled.dimension)
        assert vectors.dtype == np.float32
        assert of_unit_length(vectors)

    def test_do_not_depend_on_what_else_is_encoded(self, bundled: ModelEncoder) -> None:
        together = bundled.encode_questions(TEXTS)
        alone = np.concatenate([bundled.encode_questions([text]) for text in TEXTS])
        assert np.allclose(together, alone, atol=1e-3)

    def test_come_in_the_order_of_the_texts(self, bundled: ModelEncoder) -> None:
        forwards, backwards = bundled.encode_questions(TEXTS), bundled.encode_questions(TEXTS[::-1])
        assert np.allclose(forwards, backwards[::-1], atol=1e-3)
        assert (forwards @ backwards[::-1].T).argmax(axis=1).tolist() == list(range(len(TEXTS)))

    def test_of_no_texts_are_none(self, bundled: ModelEncoder) -> None:
        assert bundled.encode_questions([]).shape == (0, bundled.dimension)

    @pytest.mark.parametrize("text", ["", "   ", "\u200b", "\ud800", "🙂", "?!", "\x00", "한국어 текст"])
    def test_of_what_is_hardly_a_text_are_no_obstacle(self, bundled: ModelEncoder, text: str) -> None:
        assert of_unit_length(bundled.encode_questions([text, "医保"]))

    def test_of_a_text_longer_than_the_model_reads_are_those_of_its_beginning(
        self, bundled: ModelEncoder
    ) -> None:
        once, twice = bundled.encode_questions(["异地就医怎么备案，" * 200, "异地就医怎么备案，" * 400])
        assert of_unit_length(np.stack([once, twice]))
        assert np.allclose(once, twice, atol=1e-3)

    @pytest.mark.parametrize(
        ("typed", "plain"),
        [
            ("異地就醫怎麼備案", "异地就医怎么备案"),
            ("ＡＰＰ怎麼下載", "APP怎么下载"),
            ("app怎么下载", "APP怎么下载"),
        ],
    )
    def test_are_the_same_for_another_way_of_writing(
        self, bundled: ModelEncoder, typed: str, plain: str
    ) -> None:
        one, other = bundled.encode_questions([typed, plain])
        assert np.allclose(one, other, atol=1e-3)

    def test_of_a_paraphrase_lie_nearer_than_of_another_matter(self, bundled: ModelEncoder) -> None:
        asked, same, other = bundled.encode_questions(
            ["医保卡丢了怎么办", "社保卡遗失如何补办", "集中采购的药品有哪些"]
        )
        assert asked @ same > asked @ other

    def test_are_the_same_for_questions_and_phrasings(self, bundled: ModelEncoder) -> None:
        assert np.allclose(bundled.encode_phrasings(TEXTS), bundled.encode_questions(TEXTS), atol=1e-3)

    def test_are_the_same_from_a_second_engine(self, bundled: ModelEncoder) -> None:
        again = ModelEncoder(threads=2)
        assert again.name == bundled.name
        assert np.allclose(again.encode_questions(TEXTS), bundled.encode_questions(TEXTS), atol=1e-3)


class TestTokens:
    def test_are_as_many_as_the_tokenizer_gives_and_of_unit_length(self, bundled: ModelEncoder) -> None:
        tokenizer = Tokenizer.from_file(str(BUNDLED / TOKENIZER_FILE))
        _, tokens = bundled.encode_with_tokens(TEXTS)
        expected = [(len(tokenizer.encode(simplify(text)).ids), TOKEN_DIMENSION) for text in TEXTS]
        assert [each.shape for each in tokens] == expected
        assert all(each.dtype == np.float32 and of_unit_length(each) for each in tokens)

    def test_do_not_depend_on_what_else_is_encoded(self, bundled: ModelEncoder) -> None:
        _, together = bundled.encode_with_tokens(TEXTS)
        alone = [bundled.encode_with_tokens([text])[1][0] for text in TEXTS]
        assert all(np.allclose(*each, atol=1e-3) for each in zip(together, alone, strict=True))

    def test_come_with_the_vectors_that_come_without_them(self, bundled: ModelEncoder) -> None:
        vectors, _ = bundled.encode_with_tokens(TEXTS)
        assert np.allclose(vectors, bundled.encode_questions(TEXTS), atol=1e-3)

    def test_of_no_texts_are_none(self, bundled: ModelEncoder) -> None:
        vectors, tokens = bundled.encode_with_tokens([])
        assert (vectors.shape, tokens) == ((0, bundled.dimension), [])

    @pytest.mark.parametrize("text", ["", "\u200b", "\ud800", "\x00"])
    def test_of_what_is_hardly_a_text_are_some(self, bundled: ModelEncoder, text: str) -> None:
        (tokens,) = bundled.encode_with_tokens([text])[1]
        assert len(tokens)
        assert of_unit_length(tokens)

    def test_of_a_long_text_are_no_more_than_the_model_reads(self, bundled: ModelEncoder) -> None:
        settings = json.loads((BUNDLED / SETTINGS_FILE).read_text(encoding="utf-8"))
        (tokens,) = bundled.encode_with_tokens(["异地就医怎么备案，" * 200])[1]
        assert len(tokens) == settings["max_tokens"]

    def test_of_a_question_are_the_same(self, bundled: ModelEncoder) -> None:
        assert isinstance(bundled, TokenEncoder)
        (vector,), (tokens,) = bundled.encode_with_tokens(TEXTS[:1])
        asked = encode_question(bundled, TEXTS[0])
        assert np.allclose(asked.vector, vector, atol=1e-3)
        assert np.allclose(asked.tokens, tokens, atol=1e-3)


def test_many_threads_may_ask_at_once(bundled: ModelEncoder) -> None:
    expected, found = bundled.encode_questions(TEXTS), dict[int, Vectors]()

    def ask(number: int) -> None:
        for _ in range(5):
            found[number] = bundled.encode_questions([TEXTS[number % len(TEXTS)]])[0]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(10))
    assert all(np.allclose(found[number], expected[number % len(TEXTS)], atol=1e-3) for number in found)


def test_it_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the bundled encoder reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert ModelEncoder().encode_questions(["医保"]).any()


class TestQuestionsForOthers:
    def test_one_that_is_no_business_of_ours_is_nearer_to_them_than_one_of_ours(
        self, bundled: ModelEncoder
    ) -> None:
        theirs, ours = bundled.encode_questions(["护照到期了怎么换", "门诊慢特病怎么认定"])
        assert 0 < bundled.nearest_elsewhere(ours) < bundled.nearest_elsewhere(theirs) <= 1 + 1e-3

    def test_a_model_without_any_is_near_none(self, copied: Path, bundled: ModelEncoder) -> None:
        (copied / ELSEWHERE_FILE).unlink()
        vector = bundled.encode_questions(["护照到期了怎么换"])[0]
        assert ModelEncoder(copied).nearest_elsewhere(vector) == 0.0

    def test_it_is_the_greatest_cosine(self, copied: Path, bundled: ModelEncoder) -> None:
        vectors = bundled.encode_questions(["护照", "社保卡", "门诊"])
        np.save(copied / ELSEWHERE_FILE, vectors[:2].astype(np.float16))
        expected = float((vectors[:2] @ vectors[2]).max())
        assert ModelEncoder(copied).nearest_elsewhere(vectors[2]) == pytest.approx(expected, abs=1e-3)


class TestName:
    def test_is_that_of_its_family_and_of_the_file(self, bundled: ModelEncoder) -> None:
        settings = json.loads((BUNDLED / SETTINGS_FILE).read_text(encoding="utf-8"))
        family, _, digest = bundled.name.partition("#")
        assert family == settings["name"]
        assert len(digest) == 12

    def test_is_the_same_wherever_the_file_lies(self, copied: Path, bundled: ModelEncoder) -> None:
        assert ModelEncoder(copied).name == bundled.name

    def test_changes_with_the_file(self, copied: Path, bundled: ModelEncoder) -> None:
        # One more field at the end of the file, that no reader knows: the same graph in another file.
        with (copied / MODEL_FILE).open("ab") as file:
            file.write(b"\xfa\x3f\x00")
        changed = ModelEncoder(copied)
        assert changed.name != bundled.name
        assert changed.name.partition("#")[0] == bundled.name.partition("#")[0]


def _without(key: str) -> Callable[[Path], object]:
    def damage(folder: Path) -> None:
        file = folder / SETTINGS_FILE
        settings = json.loads(file.read_text(encoding="utf-8"))
        del settings[key]
        file.write_text(json.dumps(settings), encoding="utf-8")

    return damage


def _vectors_of_another_dimension(folder: Path) -> None:
    np.save(folder / ELSEWHERE_FILE, np.ones((5, 7), np.float16))


def _another_dimension(folder: Path) -> None:
    file = folder / SETTINGS_FILE
    settings = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(settings | {"dimension": 7}), encoding="utf-8")


def _graph_without_tokens(folder: Path) -> None:
    # The same graph, in which what was called `tokens` has another name of that length.
    graph = (folder / MODEL_FILE).read_bytes()
    assert b"tokens" in graph
    (folder / MODEL_FILE).write_bytes(graph.replace(b"tokens", b"tekons"))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "all of it missing": shutil.rmtree,
    "no graph": lambda folder: (folder / MODEL_FILE).unlink(),
    "no tokenizer": lambda folder: (folder / TOKENIZER_FILE).unlink(),
    "no settings": lambda folder: (folder / SETTINGS_FILE).unlink(),
    "half a graph": lambda folder: (folder / MODEL_FILE).write_bytes(
        (folder / MODEL_FILE).read_bytes()[:10_000_000]
    ),
    "an empty graph": lambda folder: (folder / MODEL_FILE).write_bytes(b""),
    "a graph without tokens": _graph_without_tokens,
    "another file as the graph": lambda folder: shutil.copy(folder / TOKENIZER_FILE, folder / MODEL_FILE),
    "another file as the tokenizer": lambda folder: shutil.copy(
        folder / SETTINGS_FILE, folder / TOKENIZER_FILE
    ),
    "half the settings": lambda folder: (folder / SETTINGS_FILE).write_text('{"name": "x",'),
    "a list of settings": lambda folder: (folder / SETTINGS_FILE).write_text("[]"),
    "settings without a name": _without("name"),
    "settings without a dimension": _without("dimension"),
    "settings without a length": _without("max_tokens"),
    "settings of another dimension": _another_dimension,
    "questions for others of another dimension": _vectors_of_another_dimension,
    "another file as the questions for others": lambda folder: shutil.copy(
        folder / SETTINGS_FILE, folder / ELSEWHERE_FILE
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_folder_is_told_with_its_path(copied: Path, damage: Callable[[Path], object]) -> None:
    damage(copied)
    with pytest.raises(EncoderUnavailable) as raised:
        open_encoder(f"model:{copied}")
    assert str(raised.value).startswith(f"语义模型“{copied}”无法加载（")


def test_a_graph_that_gives_no_tokens_is_refused_for_that(copied: Path) -> None:
    _graph_without_tokens(copied)
    open_graph(copied / MODEL_FILE, 1)  # there is nothing else wrong with it
    with pytest.raises(EncoderUnavailable, match="tokens"):
        ModelEncoder(copied)


def test_a_graph_with_tokens_of_another_dimension_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shorter:
        """A graph that gives half of each token's vector."""

        def __init__(self, path: Path, threads: int) -> None:
            self._graph = open_graph(path, threads)

        def run(self, outputs: Sequence[str], inputs: dict[str, Any]) -> list[Any]:
            result, tokens = self._graph.run(outputs, inputs)
            return [result, tokens[..., : TOKEN_DIMENSION // 2]]

    monkeypatch.setattr(model_encoder, "open_graph", Shorter)
    with pytest.raises(EncoderUnavailable, match=f"词元向量应为{TOKEN_DIMENSION}维"):
        ModelEncoder()
