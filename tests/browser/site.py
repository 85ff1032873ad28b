"""The real server on a free port, and a browser that watches what pages do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from knowledge.entry import EntryStatus, EntryText, FaqEntry
from knowledge.people import Member
from knowledge.policy import PolicyDocument
from knowledge.store import Store
from qa_service.accounts import hash_password
from qa_service.composition import Application, build
from qa_service.http.app import create_app
from qa_service.http.serving import bind
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, BACKGROUND, LAW

PASSWORD = "right-horse-1"
SERIOUS = ("serious", "critical")
TIMEOUT_MS = 15_000
"""How long a page may take on a busy machine before a test gives up."""


@dataclass(frozen=True)
class Site:
    """A running service."""

    address: str
    application: Application

    def asked(self) -> int:
        """How many questions were recorded."""
        with self.application.store.reading() as records:
            return sum(records.questions.statistics()["questions"].values())

    def draft(self, question: str) -> FaqEntry:
        """A new draft of the editor's."""
        return self.application.publishing.draft(replace(ALLOWANCE, question=question), cast.EDITOR)


@dataclass
class Visit:
    """One browser context and what went on in it."""

    site: Site
    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """A new tab at a path of the site."""
        page = self.context.new_page()
        page.goto(self.site.address + path)
        return page

    def sign_in(self, member: Member, path: str = "/ask") -> Page:
        """A tab in which the member has signed in by the form and opened a page; who was signed in is not any more."""
        self.context.clear_cookies()
        page = self.open("/sign-in")
        page.get_by_label("账号").fill(member.login)
        page.get_by_label("口令").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/ask")
        if path != "/ask":
            page.goto(self.site.address + path)
        return page

    def strangers(self) -> list[str]:
        """Requests that went anywhere but to the site."""
        return [url for url in self.requests if not url.startswith(self.site.address + "/")]

    def watch(self) -> None:
        """Note every request, console error and violation of the Content-Security-Policy."""
        self.context.set_default_timeout(TIMEOUT_MS)
        self.context.on("request", self._requested)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _requested(self, request: Request) -> None:
        self.requests.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """A service with the cast and a small knowledge base, listening on a free port of this machine."""
    settings = Settings(data=folder, website_per_minute=10_000)
    _furnish(settings)
    application = build(settings)
    sockets = bind(["127.0.0.1"], 0)
    server = uvicorn.Server(uvicorn.Config(create_app(application), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets}, name="server")
    thread.start()
    try:
        host, port = sockets[0].getsockname()[:2]
        yield Site(f"http://{host}:{port}", application)
    finally:
        server.should_exit = True
        thread.join()
        for each in sockets:
            each.close()
        application.close()


def violations(page: Page) -> list[str]:
    """What axe finds seriously wrong with a page's accessibility."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']} {[node['target'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in SERIOUS
    ]


def _furnish(settings: Settings) -> None:
    now = datetime.now(UTC)
    hashed = hash_password(PASSWORD)
    texts = [ALLOWANCE] + [EntryText(*each, cast.SETTLEMENT.code) for each in BACKGROUND.items()]
    store = Store.open(settings.store_url)
    try:
        with store.writing("system", now) as records:
            cast.settle(records)
            for member in cast.MEMBERS:
                records.people.set_password(member.login, hashed)
            records.policies.add(LAW)
            records.policies.add(PolicyDocument("失效的通知", "测发〔2011〕3号", topic="旧规"))
            records.entries.add_many([_published(number, text, now) for number, text in enumerate(texts)])
    finally:
        store.close()


def _published(number: int, text: EntryText, now: datetime) -> FaqEntry:
    return FaqEntry(
        external_id=f"BASE-{number:03d}",
        status=EntryStatus.PUBLISHED,
        revision=1,
        text=text,
        author=cast.COLLEAGUE.login,
        published_revision=1,
        published_at=now,
        updated_at=now,
    )
