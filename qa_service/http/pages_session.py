"""Who uses a page, and what was posted from one."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.datastructures import FormData

from knowledge.errors import InvalidValue
from knowledge.people import Member
from qa_service.http.cookies import SESSION_COOKIE, require_own_page, require_same_site
from qa_service.http.limits import MEMBER_PER_MINUTE, visitor
from qa_service.http.pages_rendering import is_fragment, member_of_request
from qa_service.http.parts import App, Limits
from qa_service.http.problems import HttpProblem


def _signed_in(request: Request, limits: Limits) -> Member:
    member = member_of_request(request)
    if member is None:
        raise _to_sign_in(request)
    limits.take(("member", member.login), MEMBER_PER_MINUTE)
    return member


async def page_member(request: Request, member: Annotated[Member, Depends(_signed_in)]) -> Member:
    """The member who is signed in; others are sent to sign in. An unsafe request must carry our form's token."""
    await require_own_page(request, request.cookies.get(SESSION_COOKIE, ""))
    return member


def anybody(request: Request, limits: Limits, application: App) -> None:
    """Pages open to everybody: counted by address, and posted to from our own pages only."""
    require_same_site(request)
    if member_of_request(request) is None:
        limits.take(("visitor", 0, visitor(request)), application.settings.website_per_minute)


@dataclass(frozen=True)
class Posted:
    """A form's values as text, with plain line ends and without characters that no database keeps."""

    values: FormData

    def text(self, name: str) -> str:
        """One value without surrounding space, "" when it is missing."""
        return _plain(self.values.get(name, "")).strip()

    def exactly(self, name: str) -> str:
        """One value with every space that was typed."""
        return _plain(self.values.get(name, ""))

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a name, empty ones included."""
        return tuple(_plain(value).strip() for value in self.values.getlist(name))

    def lines(self, name: str) -> tuple[str, ...]:
        """The lines of one value that are not blank."""
        return tuple(line.strip() for line in self.text(name).split("\n") if line.strip())

    def number(self, name: str) -> int:
        """A whole number, such as the version that the page showed. Raises InvalidValue for anything else."""
        value = self.text(name)
        if not (value.isascii() and value.isdigit()) or len(value) > 18:
            raise InvalidValue(name, value, "应为整数，请刷新页面后重试")
        return int(value)


async def _posted(request: Request) -> Posted:
    return Posted(await request.form())


PageMember = Annotated[Member, Depends(page_member)]
Form = Annotated[Posted, Depends(_posted)]


def _to_sign_in(request: Request) -> HttpProblem:
    """Sends a browser to the sign-in page, and back afterwards when it was only reading."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    reading = request.method in ("GET", "HEAD") and not is_fragment(request) and wanted != "/"
    target = "/sign-in" + ("?" + urlencode({"next": wanted}) if reading else "")
    if is_fragment(request):
        return HttpProblem(401, "登录已过期，请重新登录", headers={"HX-Redirect": target})
    return HttpProblem(303, "请先登录", headers={"Location": target})


def _plain(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
