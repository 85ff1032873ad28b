"""The page of words."""

import re

import pytest

from knowledge.people import Member
from knowledge.wording import Word, WordKind
from tests import cast
from tests.qa_service.http.calling import Service
from tests.qa_service.http.reading_pages import Browser


def _word(service: Service, word_id: int = 1) -> Word:
    with service.application.store.reading() as records:
        return records.words.get(word_id)


def test_a_word_is_added_and_listed_first_with_who_and_when(service: Service) -> None:
    browser = Browser(service, cast.PUBLISHER)
    added = browser.post("/words", kind="synonym", text="坎儿钱", formal="起付标准")
    assert added.location == "/words?kind=synonym&done=word-added"
    assert _word(service).changed_by == "publisher"
    page = browser.get("/words?kind=synonym&origin=own")
    assert page.has("坎儿钱 → 起付标准")
    assert page.has("傅发布 2026-11-16 10:00")


def test_what_was_typed_stays_when_it_is_refused(service: Service) -> None:
    browser = Browser(service, cast.ADMIN)
    refused = browser.post("/words", kind="synonym", text="坎儿钱", formal="门槛费")
    assert refused.status == 422
    assert re.search(r'<input id="new-formal"[^>]* value="门槛费"', refused.html)
    assert refused.has("请直接填“起付标准”")
    assert browser.post("/words", kind="synonym", text="门槛费", formal="起付标准").status == 409


def test_a_bundled_word_is_switched_off_and_on_in_the_list(service: Service) -> None:
    browser = Browser(service, cast.ADMIN)
    word = {"kind": "synonym", "text": "门槛费", "formal": "起付标准"}
    assert browser.post("/words/switch", **word, active="no").location == "/words?kind=synonym&done=word-off"
    assert browser.get("/words?kind=synonym&state=off").has("门槛费 → 起付标准 已停用")
    assert browser.post("/words/switch", **word, active="yes").location.endswith("word-on")
    assert browser.post("/words/switch", **{**word, "text": "没有此词"}, active="no").location.endswith(
        "word-moved"
    )
    history = browser.get("/words/1")
    assert history.has("关管理 门槛费 → 起付标准 停用")
    assert history.has("系统自带")


def test_a_word_is_changed_with_its_history_kept(service: Service) -> None:
    browser = Browser(service, cast.ADMIN)
    browser.post("/words", kind="term", text="西湖益联")
    saved = browser.post("/words/1", version=1, text="西湖益联保", active="yes")
    assert saved.location == "/words/1?done=word-saved"
    page = browser.get("/words/1")
    assert page.has("关管理 西湖益联保 使用")
    assert page.has("关管理 西湖益联 使用")
    late = browser.post("/words/1", version=1, text="西湖益", active="yes")
    assert (late.status, late.value("text")) == (409, "西湖益")


def test_a_question_is_tried(service: Service) -> None:
    page = Browser(service, cast.OPERATOR).get("/words?question=你好，我想咨询一下，门槛费是多少")
    assert page.has("略去的套话 你好、我想咨询一下")
    assert page.has("门槛费 → 起付标准")


@pytest.mark.parametrize("member", cast.MEMBERS, ids=lambda member: member.login)
def test_all_look_and_publishers_and_administrators_write(service: Service, member: Member) -> None:
    browser = Browser(service, member)
    page = browser.get("/words")
    assert page.status == 200
    may = member in (cast.PUBLISHER, cast.ADMIN)
    assert page.has("添加词语") is may
    assert (browser.post("/words", kind="term", text="西湖益联保").status == 303) is may
    assert page.html.count('href="/words"') == may


def test_an_unknown_kind_shows_synonyms(service: Service) -> None:
    page = Browser(service, cast.ADMIN).get("/words?kind=nonsense&state=nonsense&origin=nonsense")
    assert page.value("kind") == WordKind.SYNONYM.value
