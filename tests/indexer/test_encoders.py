"""From text to vector, by the base model and by an endpoint over HTTP, and which of all a setting names."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders import (
    BaseModelEncoder,
    EncoderUnavailable,
    HttpEncoder,
    Vectors,
    _folder_stamp,
    open_encoder,
)
from indexer.model_encoder import BUNDLED, ModelEncoder
from tests.indexer.embedding_server import EmbeddingServer, embedding_server


def of_unit_length(vectors: Vectors) -> bool:
    return bool(np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5))


class TestBase:
    def test_vectors_are_of_unit_length_and_of_its_dimension(self, base: BaseModelEncoder) -> None:
        vectors = base.encode_questions(["生育津贴怎么领", "异地就医备案", "a"])
        assert vectors.shape == (3, base.dimension) == (3, 384)
        assert vectors.dtype == np.float32
        assert of_unit_length(vectors)

    def test_the_same_text_gives_the_same_vector(self, base: BaseModelEncoder) -> None:
        alone = base.encode_questions(["生育津贴怎么领"])[0]
        among = base.encode_questions(["异地就医备案", "生育津贴怎么领"])[1]
        assert np.allclose(alone, among, atol=1e-4)

    def test_a_second_engine_gives_the_same_vector(self, base: BaseModelEncoder) -> None:
        text = ["生育津贴怎么领"]
        assert np.allclose(BaseModelEncoder().encode_questions(text), base.encode_questions(text), atol=1e-4)

    def test_it_needs_no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("the base model reached for the network")

        monkeypatch.setattr(socket, "socket", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        assert BaseModelEncoder().encode_questions(["医保"]).any()

    def test_a_paraphrase_lies_nearer_than_another_matter(self, base: BaseModelEncoder) -> None:
        asked, same, other = base.encode_questions(
            ["医保卡丢了怎么办", "社保卡遗失如何补办", "集中采购的药品有哪些"]
        )
        assert asked @ same > asked @ other

    def test_empty_texts_and_no_texts_are_no_obstacle(self, base: BaseModelEncoder) -> None:
        assert of_unit_length(base.encode_questions(["", "医保"]))
        assert base.encode_questions([]).shape == (0, 384)

    def test_a_text_longer_than_the_model_reads_at_once_is_no_obstacle(self, base: BaseModelEncoder) -> None:
        assert of_unit_length(base.encode_questions(["异地就医怎么备案" * 110]))

    def test_entries_and_questions_are_encoded_alike(self, base: BaseModelEncoder) -> None:
        texts = ["生育津贴怎么领"]
        assert np.allclose(base.encode_phrasings(texts), base.encode_questions(texts), atol=1e-4)

    def test_many_threads_may_ask_at_once(self, base: BaseModelEncoder) -> None:
        texts = [f"第{number}个问题" for number in range(6)]
        expected, found = base.encode_questions(texts), dict[int, Vectors]()

        def ask(number: int) -> None:
            found[number] = base.encode_questions([texts[number]])[0]

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(np.allclose(found[number], expected[number], atol=1e-4) for number in range(6))


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as running:
        yield running


class TestOverHttp:
    def test_vectors_come_in_order_and_of_unit_length(self, server: EmbeddingServer) -> None:
        encoder, texts = HttpEncoder(server.url, "m3", api_key="secret"), ["生育津贴", "异地就医", "药"]
        vectors = encoder.encode_questions(texts)
        assert np.allclose(vectors, server.encoder.encode_questions(texts), atol=1e-5)
        assert of_unit_length(vectors)
        assert server.asked == [{"path": "/v1/embeddings", "model": "m3", "input": texts}]
        assert server.authorizations == ["Bearer secret"]

    def test_its_name_tells_model_and_place(self, server: EmbeddingServer) -> None:
        assert HttpEncoder(server.url, "m3").name == f"http:m3@{server.url}"

    def test_the_dimension_is_asked_for_once(self, server: EmbeddingServer) -> None:
        encoder = HttpEncoder(server.url, "m3")
        assert (encoder.dimension, encoder.dimension) == (16, 16)
        assert len(server.asked) == 1

    def test_many_texts_go_in_several_requests(self, server: EmbeddingServer) -> None:
        texts = [f"第{number}个问题" for number in range(130)]
        vectors = HttpEncoder(server.url, "m3").encode_phrasings(texts)
        assert vectors.shape == (130, 16)
        assert [len(request["input"]) for request in server.asked] == [64, 64, 2]

    def test_no_texts_are_no_vectors(self, server: EmbeddingServer) -> None:
        assert HttpEncoder(server.url, "m3").encode_questions([]).shape == (0, 16)

    @pytest.mark.parametrize(
        "mood",
        [
            "one too few",
            "with an error",
            "with a page",
            "with a list",
            "without vectors",
            "ragged",
            "not a number",
            "cut short",
            "in another protocol",
        ],
    )
    def test_an_answer_that_is_of_no_use_names_the_endpoint(self, server: EmbeddingServer, mood: str) -> None:
        server.mood = mood
        with pytest.raises(EncoderUnavailable) as raised:
            HttpEncoder(server.url, "m3").encode_questions(["生育津贴", "异地就医"])
        assert server.url in str(raised.value)

    def test_no_answer_is_not_waited_for_longer_than_the_timeout(self, server: EmbeddingServer) -> None:
        server.mood = "never"
        with pytest.raises(EncoderUnavailable, match="无法使用"):
            HttpEncoder(server.url, "m3", timeout=0.2).encode_questions(["生育津贴"])

    def test_an_answer_that_trickles_in_is_not_waited_for_either(self, server: EmbeddingServer) -> None:
        server.mood = "drop by drop"
        with pytest.raises(EncoderUnavailable, match="无法使用"):
            HttpEncoder(server.url, "m3", timeout=0.2).encode_questions(["生育津贴"])

    def test_nobody_listening_is_said(self) -> None:
        with embedding_server() as gone:
            url = gone.url
        with pytest.raises(EncoderUnavailable, match="无法使用"):
            HttpEncoder(url, "m3").encode_questions(["生育津贴"])


class TestOpening:
    def test_bundled_is_our_own_model(self) -> None:
        encoder = open_encoder("bundled")
        assert isinstance(encoder, ModelEncoder)
        assert encoder.name == ModelEncoder(BUNDLED).name

    def test_a_model_is_opened_by_its_folder(self) -> None:
        encoder = open_encoder(f"model:{BUNDLED}")
        assert isinstance(encoder, ModelEncoder)

    def test_a_folder_without_a_model_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(EncoderUnavailable) as raised:
            open_encoder(f"model:{tmp_path / '没有'}")
        assert f"语义模型“{tmp_path / '没有'}”无法加载" in str(raised.value)

    def test_base_is_what_our_model_was_trained_from(self) -> None:
        assert isinstance(open_encoder("base"), BaseModelEncoder)

    def test_http_takes_model_and_address(self) -> None:
        encoder = open_encoder("http:bge-m3@http://10.0.0.1:8080/v1", api_key="k")
        assert isinstance(encoder, HttpEncoder)
        assert encoder.name == "http:bge-m3@http://10.0.0.1:8080/v1"

    @pytest.mark.parametrize(
        "spec", ["", "bundle", "bundled:x", "base:x", "model", "model:", "st:", "http:m3", "http", "e5"]
    )
    def test_what_cannot_be_read_is_named_with_what_is_expected(self, spec: str) -> None:
        with pytest.raises(EncoderUnavailable) as raised:
            open_encoder(spec)
        assert f"“{spec}”" in str(raised.value)
        assert "bundled、model:目录、base、st:模型 或 http:模型@地址" in str(raised.value)

    def test_a_model_that_does_not_load_says_what_to_install(self, tmp_path: Path) -> None:
        # Without the `encoders` extra the library is missing; with it, the folder holds no model.
        with pytest.raises(EncoderUnavailable, match=r"zhengda\[encoders\]"):
            open_encoder(f"st:{tmp_path / 'no-model'}")

    def test_a_model_saved_again_in_the_same_folder_has_another_name(self, tmp_path: Path) -> None:
        weights = tmp_path / "model.safetensors"
        stamps = [_folder_stamp(tmp_path)]
        for content in (b"one", b"other!"):
            weights.write_bytes(content)
            stamps.append(_folder_stamp(tmp_path))
        assert stamps[0] == ""
        assert len(set(stamps)) == 3
