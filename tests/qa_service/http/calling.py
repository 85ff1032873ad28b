"""A running service with the cast in it, and clients that call it as one of them."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from indexer.segment import Segmenter
from knowledge.entry import Channel, EntryStatus, EntryText, FaqEntry
from knowledge.people import Member
from knowledge.policy import Citation, PolicyDocument, Validity
from knowledge.store import Store
from qa_service.accounts import digest, hash_password, make_key
from qa_service.composition import Application, build
from qa_service.http.app import create_app
from qa_service.http.cookies import SESSION_COOKIE, csrf_token
from qa_service.settings import Settings
from tests import cast

JSON = Any
PASSWORD = "right-horse-1"
LAW = PolicyDocument("女职工劳动保护特别规定", "国务院令第619号", "国务院", topic="生育保险")
ALLOWANCE = EntryText(
    question="职工生育津贴怎么领取？",
    answer="参加生育保险并按规定缴费的职工，生育后由用人单位或本人向参保地医保经办机构申领生育津贴。",
    department="benefits",
    variants=("生孩子的钱怎么领", "生育津贴去哪里办", "生育津贴如何申请"),
    citations=(Citation("国务院令第619号", "女职工劳动保护特别规定", "第八条"),),
    keywords=("生育津贴",),
)


BACKGROUND = {
    "城乡居民医保什么时候缴费？": "每年集中征缴期内缴费，通常为当年九月至十二月，缴费后次年享受待遇。",
    "异地就医怎么备案？": "可以在国家医保服务平台或参保地经办机构窗口办理异地就医备案，备案后直接结算。",
    "医保电子凭证如何激活？": "在国家医保服务平台实名认证后即可激活医保电子凭证，就医购药时出示。",
    "职工医保个人账户可以给家人用吗？": "个人账户可以支付配偶、父母、子女在定点医药机构发生的由个人负担的医疗费用。",
    "门诊慢特病怎么认定？": "携带诊断证明和病历资料到定点医疗机构申请，符合认定标准的次月起享受待遇。",
    "大病保险怎么报销？": "医疗费用超过起付标准的部分，由大病保险按比例支付，出院结算时一并办理。",
    "医疗救助对象有哪些？": "特困人员、低保对象、返贫致贫人口等困难群众，可以按规定申请医疗救助。",
    "退休后还要缴医保吗？": "达到法定退休年龄且累计缴费达到规定年限的职工，退休后不再缴纳基本医疗保险费。",
    "医保关系怎么转移接续？": "向转入地经办机构提出申请，由两地经办机构办理转移接续手续，个人无需往返。",
    "发现骗保怎么举报？": "可以通过电话、信件或网络向医疗保障行政部门举报骗取医保基金的行为，查实有奖励。",
    "国家谈判药品在哪里买？": "可以在双通道定点零售药店凭外配处方购买，按规定享受医保报销。",
    "住院起付线是多少？": "起付标准按医疗机构级别确定，具体金额以参保地规定为准。",
}
"""Other matters than the one asked about, so that the index has something to tell it from."""


@dataclass
class Clock:
    """The time that tests set: a Monday morning."""

    now: datetime = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Service:
    """A service whose pages and API are called in this process."""

    application: Application
    anonymous: TestClient
    clock: Clock
    _clients: dict[str, TestClient] = field(default_factory=dict)

    @property
    def app(self) -> FastAPI:
        """The ASGI application."""
        app = self.anonymous.app
        assert isinstance(app, FastAPI)
        return app

    def by(self, member: Member) -> TestClient:
        """A client that calls with the member's session token."""
        if member.login not in self._clients:
            self._clients[member.login] = self._client({"Authorization": f"Bearer {self.token(member)}"})
        return self._clients[member.login]

    def by_key(
        self, channel: Channel = Channel.API, public: bool = False, per_minute: int = 600
    ) -> TestClient:
        """A client that calls with a new API key."""
        key, _ = make_key(self.application.store, "测试", channel, public, per_minute, "admin", self.clock())
        return self._client({"X-API-Key": key})

    def by_cookie(self, member: Member, **headers: str) -> tuple[TestClient, str]:
        """A client that calls with the pages' cookie, and the token that the pages would send with it."""
        token = self.token(member)
        client = self._client(headers)
        client.cookies.set(SESSION_COOKIE, token)
        return client, csrf_token(token)

    def token(self, member: Member) -> str:
        """A new session of the member."""
        token = secrets.token_urlsafe(16)
        with self.application.store.writing(member.login, self.clock()) as records:
            records.access.add_session(digest(token), member.login, self.clock() + timedelta(days=3000))
        return token

    def set_password(self, member: Member, password: str = PASSWORD) -> None:
        with self.application.store.writing("system", self.clock()) as records:
            records.people.set_password(member.login, hash_password(password))

    def draft(self, text: EntryText = ALLOWANCE, by: Member = cast.EDITOR) -> FaqEntry:
        """A new draft."""
        return self.application.publishing.draft(text, by)

    def publish(self, text: EntryText = ALLOWANCE, by: Member = cast.EDITOR) -> FaqEntry:
        """An entry that went through all of review, and is in the index."""
        return self.release(self.draft(text, by), by)

    def release(self, entry: FaqEntry, by: Member = cast.EDITOR) -> FaqEntry:
        """Submit and sign the newest revision, and let the index take it in."""
        publishing = self.application.publishing
        entry = publishing.submit(entry.id, entry.version, by)
        head = replace(cast.HEAD, department=entry.text.department)
        for signer in (head, cast.LEADER, cast.PUBLISHER):
            entry = publishing.sign(entry.id, entry.version, signer)
        self.index()
        return entry

    def furnish(self) -> None:
        """Publish the background, as an import of approved entries does."""
        now = self.clock()
        entries = [
            FaqEntry(
                external_id=f"BACKGROUND-{number}",
                status=EntryStatus.PUBLISHED,
                revision=1,
                text=EntryText(question, answer, cast.SETTLEMENT.code),
                author=cast.OUTSIDER.login,
                published_revision=1,
                published_at=now,
                updated_at=now,
            )
            for number, (question, answer) in enumerate(BACKGROUND.items())
        ]
        with self.application.store.writing("system", now) as records:
            records.entries.add_many(entries)
        self.index()

    def register(self, document: PolicyDocument = LAW) -> PolicyDocument:
        """A registered policy document."""
        return self.application.publishing.add_policy(document, cast.PUBLISHER)

    def repeal(self, document: PolicyDocument) -> None:
        """Take a document out of force."""
        repealed = replace(document, validity=Validity.REPEALED)
        self.application.publishing.change_policy(repealed, cast.PUBLISHER, "被新规废止")
        self.index()

    def index(self) -> None:
        """Let the index take in what was published, without waiting for the follower."""
        self.application.index.follow(self.application.today())

    def day(self, after: int) -> date:
        return self.application.today() + timedelta(days=after)

    def _client(self, headers: Mapping[str, str]) -> TestClient:
        return TestClient(self.app, headers=dict(headers), raise_server_exceptions=False)


@contextmanager
def running(settings: Settings, segmenter: Segmenter) -> Iterator[Service]:
    """A service with the cast in its store and nothing else."""
    settings.data.mkdir(parents=True, exist_ok=True)
    store = Store.open(settings.store_url)
    with store.writing(by="system") as records:
        cast.settle(records)
    store.close()
    clock = Clock()
    application = build(settings, clock=clock, segmenter=segmenter)
    try:
        with TestClient(create_app(application), raise_server_exceptions=False) as anonymous:
            yield Service(application, anonymous, clock)
    finally:
        application.close()


def entry_body(text: EntryText = ALLOWANCE, /, **more: JSON) -> dict[str, JSON]:
    """An entry as the API takes it."""
    return {
        "question": text.question,
        "answer": text.answer,
        "department": text.department,
        "similar_questions": list(text.variants),
        "citations": [vars(citation) for citation in text.citations],
        "keywords": list(text.keywords),
        **more,
    }


def policy_body(document: PolicyDocument = LAW, /, **more: JSON) -> dict[str, JSON]:
    """A document as the API takes it."""
    return {"title": document.title, "number": document.number, "issuer": document.issuer, **more}
