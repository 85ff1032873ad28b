"""Pages as a browser gets them, and the little that tests read from their HTML."""

import re
from dataclasses import dataclass
from html import unescape

from starlette.testclient import TestClient

from knowledge.people import Member
from tests.qa_service.http.calling import Service


@dataclass(frozen=True)
class Shown:
    """A page: its status, its HTML, where it sends the browser."""

    status: int
    html: str
    location: str

    @property
    def text(self) -> str:
        """What a person reads, on one line."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html)).split())

    def has(self, wording: str) -> bool:
        """Whether a person reads this, however it is broken into lines and elements."""
        return "".join(wording.split()) in "".join(self.text.split())

    def value(self, name: str) -> str:
        """What stands in the field, hidden ones included."""
        if found := re.search(
            rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', self.html, re.DOTALL
        ):
            return unescape(found[1])
        if found := re.search(rf'<select[^>]* name="{name}".*?</select>', self.html, re.DOTALL):
            chosen = re.search(r'<option value="([^"]*)" selected', found[0])
            return unescape(chosen[1]) if chosen else ""
        found = re.search(rf'<input[^>]* name="{name}"[^>]*>', self.html)
        assert found, f"no field {name}"
        value = re.search(r' value="([^"]*)"', found[0])
        return unescape(value[1]) if value else ""


class Browser:
    """A member's browser, or a stranger's."""

    def __init__(self, service: Service, member: Member | None) -> None:
        self.token = ""
        if member is None:
            self.client = TestClient(service.app, raise_server_exceptions=False)
            self.client.headers["Accept"] = "text/html"
        else:
            self.client, self.token = service.by_cookie(member, Accept="text/html")

    def get(self, path: str, **headers: str) -> Shown:
        """Open a page; redirections are told, not followed."""
        answer = self.client.get(path, headers=headers, follow_redirects=False)
        return Shown(answer.status_code, answer.text, answer.headers.get("location", ""))

    def post(self, path: str, /, **values: object) -> Shown:
        """Submit a form with the token that our pages put into it."""
        return self._send(path, self.token, {}, values)

    def part(self, path: str, /, **values: object) -> Shown:
        """Submit a form as htmx does, for a part of a page."""
        return self._send(path, self.token, {"HX-Request": "true"}, values)

    def forge(self, path: str, token: str, /, **values: object) -> Shown:
        """Submit a form with a token of one's own."""
        return self._send(path, token, {}, values)

    def _send(self, path: str, token: str, headers: dict[str, str], values: dict[str, object]) -> Shown:
        data = {"csrf_token": token, **{name: _text(value) for name, value in values.items()}}
        answer = self.client.post(path, data=data, headers=headers, follow_redirects=False)
        return Shown(answer.status_code, answer.text, answer.headers.get("location", ""))


def _text(value: object) -> str | list[str]:
    return [str(each) for each in value] if isinstance(value, tuple | list) else str(value)


ENTRY_FORM = {
    "question": "职工生育津贴怎么领取？",
    "answer": "由用人单位申请。",
    "department": "benefits",
    "disclosure": "ON_INITIATIVE",
}
"""The least that the form of an entry is sent with."""
