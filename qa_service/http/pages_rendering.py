"""Templates into responses: what every page has, and how values are written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from knowledge.people import Member
from knowledge.policy import Citation
from knowledge.region import name as region_name
from knowledge.working_days import CHINA
from qa_service.http.authentication import cookie_member
from qa_service.http.cookies import page_csrf_token
from qa_service.http.pages_wording import NOTICES
from qa_service.http.parts import application_of
from qa_service.markdown import to_html, to_plain

TEMPLATES = Path(__file__).parent / "templates"
_HTMX = {
    # The style sheet holds htmx's styles, and nothing is evaluated: both for the Content-Security-Policy.
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    # Callers' questions stay out of the browser's storage.
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    # Errors come as text to be shown where the answer would stand.
    "responseHandling": [{"code": "[45]..", "swap": True, "error": False}, {"code": ".*", "swap": True}],
}


@dataclass(frozen=True)
class Sheet:
    """What stands around the fields of a form: its heading, where it goes, where giving up leads, its button."""

    title: str
    action: str
    cancel: str
    button: str = "保存"


def render(request: Request, template: str, status: int = 200, /, **context: Any) -> Response:
    """A page or a part of one. `member`, `csrf_token` and the wording of `?done=` are in every template's reach."""
    application = application_of(request)
    member = member_of_request(request, status)
    shown = {
        "member": member,
        "csrf_token": page_csrf_token(request) if member else "",
        "bureau_name": application.settings.bureau_name,
        "today": application.today(),
        "notice": NOTICES.get(request.query_params.get("done", ""), ""),
        "section": "",
        "fragment": is_fragment(request),
        "errors": {},
        **context,
    }
    return HTMLResponse(environment().get_template(template).render(shown), status)


def member_of_request(request: Request, status: int = 200) -> Member | None:
    """Who looks at the page. When the service itself has failed, nobody: the record may be what is broken."""
    if not hasattr(request.state, "member"):
        request.state.member = cookie_member(request) if status < 500 else None
    member: Member | None = request.state.member
    return member


def is_fragment(request: Request) -> bool:
    """Whether htmx asks, which wants a part of a page."""
    return request.headers.get("HX-Request") == "true"


def see_other(url: str, done: str = "") -> Response:
    """After something was done: go and look at `url`, where the wording of `done` is shown."""
    if done:
        url += ("&" if "?" in url else "?") + f"done={done}"
    return RedirectResponse(url, 303)


@cache
def environment() -> Environment:
    """Jinja2 with everything escaped, and an error for whatever a template misspells."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["htmx_config"] = json.dumps(_HTMX)
    made.filters |= {
        "china_time": china_time,
        "markdown": lambda text: Markup(to_html(text)),
        "plain": to_plain,
        "region": region_name,
        "named": named,
        "document": document_of,
    }
    return made


def china_time(moment: datetime | None) -> str:
    """A moment as offices write it."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if moment else ""


def document_of(citation: Citation) -> str:
    """What a citation cites, without the clause."""
    return str(replace(citation, clause=""))


def named(code: str, names: Mapping[str, str]) -> str:
    """The name that a code stands for; a code without a name is shown as it is."""
    return names.get(code, code)
