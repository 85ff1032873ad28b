"""The default encoder: our own small model in ONNX with 8-bit weights, run by onnxruntime. No torch, no network.

`model/` holds the graph, the tokenizer and the model card; `zhengda train` makes it, `zhengda adapt` one like it.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indexer.encoders import TOKEN_DIMENSION, EncoderUnavailable, Vectors
from indexer.normalise import simplify

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
SETTINGS_FILE = "encoder.json"
ELSEWHERE_FILE = "elsewhere.npy"
BUNDLED = Path(__file__).with_name("model")


class ModelEncoder:
    """A model folder as an encoder. Thread-safe: the session keeps no state between calls.

    `threads` is how many cores one call may use.
    """

    def __init__(self, folder: Path = BUNDLED, threads: int = 1) -> None:
        try:
            from tokenizers import Tokenizer

            settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
            self._tokenizer.enable_truncation(int(settings["max_tokens"]))
            self._session = open_graph(folder / MODEL_FILE, threads)
            self._elsewhere = _elsewhere(folder / ELSEWHERE_FILE)
            digest = hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()[:12]
            self.name = f"{settings['name']}#{digest}"
            self._dimension = int(settings["dimension"])
            # What does not fit together is noticed here, and not by who asks first.
            vector, tokens = self._run([0, 2])
            if vector.shape != (self._dimension,):
                raise ValueError(f"{MODEL_FILE} 与 {SETTINGS_FILE} 的维数不符")
            if tokens.shape != (2, TOKEN_DIMENSION):
                raise ValueError(f"{MODEL_FILE} 的词元向量应为{TOKEN_DIMENSION}维，请重新训练")
            if len(self._elsewhere) and self._elsewhere.shape[1:] != (self._dimension,):
                raise ValueError(f"{ELSEWHERE_FILE} 与 {SETTINGS_FILE} 的维数不符")
        except Exception as error:
            raise EncoderUnavailable(f"语义模型“{folder}”无法加载（{error}）") from error

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors (n, dimension) of length 1."""
        return self.encode_with_tokens(texts)[0]

    def encode_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Vectors]]:
        """The same, and the vectors of each text's tokens (tokens, TOKEN_DIMENSION).

        Each text goes through the graph alone: activations get one 8-bit scale for all that goes through together, so
        that a text's vector would depend on its company (to a cosine of 0.95). It takes an eighth longer.
        """
        encodings = self._tokenizer.encode_batch([simplify(text) for text in texts])
        vectors, tokens = np.zeros((len(encodings), self._dimension), np.float32), list[Vectors]()
        for row, encoding in enumerate(encodings):
            vectors[row], of_tokens = self._run(encoding.ids)
            tokens.append(of_tokens)
        return vectors, tokens

    def nearest_elsewhere(self, vector: Vectors) -> float:
        """How near a question (dimension,) comes to one that is for somebody else (`indexer.training.elsewhere`)."""
        # Not as a matrix product: from some size on that takes threads, which spin for a hundred times the work.
        return float(np.einsum("ij,j->i", self._elsewhere, vector).max()) if len(self._elsewhere) else 0.0

    def encode_phrasings(self, texts: Sequence[str]) -> Vectors:
        return self.encode_questions(texts)

    def _run(self, tokens: list[int]) -> tuple[Vectors, Vectors]:
        """The vector (dimension,) of one text and those of its tokens."""
        ids = np.array([tokens], np.int64)
        results = self._session.run(["result", "tokens"], {"ids": ids, "mask": np.ones_like(ids)})
        vector, of_tokens = (np.asarray(result[0], np.float32) for result in results)
        return vector, of_tokens


def open_graph(path: Path, threads: int) -> Any:
    """An `onnxruntime.InferenceSession` of a graph, of which one call may use so many cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _elsewhere(path: Path) -> Vectors:
    """The vectors in a file, shape (texts, dimension); none when there is no such file."""
    stored = np.load(path, allow_pickle=False) if path.exists() else np.zeros((0, 0))
    return stored.astype(np.float32)
