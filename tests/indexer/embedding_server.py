"""An OpenAI-compatible embeddings endpoint on this machine, which can be told to misbehave."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.indexer.making import CharacterEncoder


class EmbeddingServer(ThreadingHTTPServer):
    """Answers `POST /v1/embeddings` with character counts. `mood` says how; `asked` keeps every request's body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoint)
        self.mood = "well"
        self.encoder = CharacterEncoder(dimension=16)
        self.asked: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Endpoint(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"path": self.path, **body})
        self.server.authorizations.append(self.headers["Authorization"])
        getattr(self, f"_answer_{self.server.mood.replace(' ', '_')}")(body["input"])

    def _answer_well(self, texts: list[str]) -> None:
        vectors = self.server.encoder.encode_questions(texts) * 3  # not of unit length: models differ in that
        rows = [{"index": place, "embedding": vector.tolist()} for place, vector in enumerate(vectors)]
        self._send(json.dumps({"data": rows[::-1]}).encode())  # the order is not promised, the index is

    def _answer_one_too_few(self, texts: list[str]) -> None:
        self._answer_well(texts[:-1])

    def _answer_with_an_error(self, texts: list[str]) -> None:
        self._send(b'{"error": "out of memory"}', status=500)

    def _answer_with_a_page(self, texts: list[str]) -> None:
        self._send(b"<html>Bad Gateway</html>")

    def _answer_with_a_list(self, texts: list[str]) -> None:
        self._send(b"[1, 2, 3]")

    def _answer_without_vectors(self, texts: list[str]) -> None:
        self._send(json.dumps({"data": [{"index": 0, "text": text} for text in texts]}).encode())

    def _answer_ragged(self, texts: list[str]) -> None:
        rows = [{"index": place, "embedding": [0.5] * (place + 1)} for place in range(len(texts))]
        self._send(json.dumps({"data": rows}).encode())

    def _answer_not_a_number(self, texts: list[str]) -> None:
        rows = [{"index": place, "embedding": [float("nan")] * 16} for place in range(len(texts))]
        self._send(json.dumps({"data": rows}).encode())

    def _answer_cut_short(self, texts: list[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"data": [')

    def _answer_in_another_protocol(self, texts: list[str]) -> None:
        self.wfile.write(b"220 mail.example.org ESMTP\r\n")

    def _answer_drop_by_drop(self, texts: list[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            while not self.server.release.wait(0.02):
                self.wfile.write(b" ")
        except OSError:
            return  # who asked has had enough

    def _answer_never(self, texts: list[str]) -> None:
        self.server.release.wait(30)

    def _send(self, content: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def embedding_server() -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
