"""What people type is shown as the text it is; what goes wrong is told on a page."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entry import Channel, EntryText
from knowledge.policy import PolicyDocument
from qa_service.http.pages_assets import missing_assets
from qa_service.http.pages_difference import differences, pieces
from qa_service.http.pages_highlight import highlight, highlight_html
from qa_service.markdown import to_html
from tests import cast
from tests.qa_service.http.calling import ALLOWANCE, Service
from tests.qa_service.http.reading_pages import Browser

EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


def _harmless(html: str) -> bool:
    return "<script>alert" not in html and "<img src=x" not in html and "&lt;script&gt;" in html


def test_markup_in_an_entry_is_shown_as_text_everywhere(service: Service) -> None:
    text = replace(
        ALLOWANCE,
        question=f"津贴{EVIL}",
        answer=f"津贴{EVIL}",
        variants=(f"津贴怎么领{EVIL}",),
        keywords=(EVIL,),
        audience=EVIL[:40],
        category=(EVIL,),
    )
    entry = service.publish(text)
    edited = service.application.publishing.edit(
        entry.id, entry.version, replace(text, answer=f"改{EVIL}"), cast.EDITOR, EVIL
    )
    service.application.publishing.submit(entry.id, edited.version, cast.EDITOR)
    editor = Browser(service, cast.EDITOR)
    for path in (
        f"/entries/{entry.id}",
        f"/entries/{entry.id}/edit",
        f"/entries/{entry.id}/compare?from=1&to=2",
        f"/entries/{entry.id}/review",
        "/department",
        "/ask?q=津贴怎么领",
    ):
        assert _harmless(editor.get(path).html), path
    assert _harmless(Browser(service, cast.HEAD).get("/department/review").html)


def test_markup_in_a_question_a_note_and_a_reason_is_shown_as_text(service: Service) -> None:
    operator, editor = Browser(service, cast.OPERATOR), Browser(service, cast.EDITOR)
    filed = service.application.misses.queue(
        f"火星{EVIL}",
        channel=Channel.HOTLINE,
        nearest=[],
        now=service.clock(),
        callback=EVIL,
        asked_by="operator",
        department="benefits",
    )
    path = f"/tickets/{filed.ticket_id}"
    assert _harmless(editor.get(path).html)
    assert _harmless(editor.get(path + "/answer").html)
    assert _harmless(editor.get("/department/tickets").html)
    assert _harmless(operator.get(f"/ask?q={EVIL}").html)
    assert _harmless(operator.part("/ask", q=f"津贴{EVIL}", region=EVIL).html)
    editor.post(path + "/dismiss", version=1, reason=EVIL)
    assert _harmless(editor.get(path).html)
    assert _harmless(Browser(service, None).get(f"/receipt?code={filed.receipt}").html)


def test_markup_in_a_document_is_shown_as_text(service: Service) -> None:
    service.register(
        PolicyDocument(f"通知{EVIL}", "测发〔2020〕1号", issuer=EVIL, topic=EVIL[:60], text=EVIL, source=EVIL)
    )
    browser = Browser(service, cast.EDITOR)
    for path in ("/policies", "/policies/1", "/policies/1/edit", "/entries/new"):
        assert _harmless(browser.get(path).html), path


def test_a_citation_never_leads_to_a_script(service: Service) -> None:
    service.register(PolicyDocument("通知", "测发〔2020〕1号", source="javascript:alert(1)"))
    assert 'href="javascript:' not in Browser(service, cast.EDITOR).get("/policies/1").html


@pytest.mark.parametrize(
    ("path", "status", "wording"),
    [
        ("/nowhere", 404, "没有找到"),
        ("/entries/999", 404, "没有编号为 999 的条目"),
        ("/entries/99999999999999999999999", 404, "没有编号为"),
        ("/tickets/999", 404, "没有编号为 999 的问题"),
        ("/policies/999", 404, "没有编号为 999 的政策文件"),
        ("/entries/many", 422, "内容不符合要求"),
        ("/policies/new", 403, "没有权限"),
        ("/sign-out", 405, "不支持"),
    ],
)
def test_what_goes_wrong_is_told_on_a_page(service: Service, path: str, status: int, wording: str) -> None:
    page = Browser(service, cast.OPERATOR).get(path)
    assert page.status == status
    assert page.has(wording)
    assert page.has("回到问答")


def test_programs_get_problem_details_where_browsers_get_a_page(service: Service) -> None:
    browser = Browser(service, cast.OPERATOR)
    answer = browser.client.get("/api/v1/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    answer = browser.client.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unexpected_failure_is_a_page_with_a_number_even_when_the_record_is_gone(service: Service) -> None:
    browser = Browser(service, cast.OPERATOR)
    service.application.index.close()
    page = browser.get("/ask?q=生育津贴")
    assert page.status in (500, 503)
    assert page.has("示范市医疗保障局")


def test_a_failure_within_a_page_is_told_where_the_results_would_stand(service: Service) -> None:
    browser = Browser(service, cast.OPERATOR)
    page = browser.part("/ask/feedback", q="x", entry_id=1, revision=1, helpful="yes")
    assert page.status == 404
    assert "<html" not in page.html
    assert page.has("没有编号为 1 的条目")


def test_the_assets_are_where_they_should_be() -> None:
    assert missing_assets() == []


def test_a_missing_asset_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "zhengda.css") in missing_assets(tmp_path)


def test_a_browser_asks_each_time_whether_an_asset_has_changed(service: Service) -> None:
    answer = service.anonymous.get("/static/zhengda.css")
    assert answer.headers["cache-control"] == "no-cache"
    again = service.anonymous.get("/static/zhengda.css", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_serving_htmx_imports_neither_django_nor_its_package() -> None:
    code = "import sys; from fastapi import FastAPI; from qa_service.http import pages; pages.install(FastAPI());"
    code += "print([name for name in sys.modules if name.partition('.')[0] in ('django', 'django_htmx')])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@given(st.text(), st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_highlighting_changes_no_text_and_opens_no_tag(text: str, words: list[str]) -> None:
    marked = str(highlight(text, words))
    assert marked.replace("<mark>", "").replace("</mark>", "") == str(highlight(text, []))


def test_highlighting_leaves_tags_and_entities_alone() -> None:
    html = to_html("**strong** 的 strong & <p>")
    marked = str(highlight_html(html, ["strong", "p", "amp", "lt"]))
    assert (
        marked
        == "<p><strong><mark>strong</mark></strong> 的 <mark>strong</mark> &amp; &lt;<mark>p</mark>&gt;</p>\n"
    )


def test_the_longest_word_is_marked_whole() -> None:
    assert highlight("生育津贴", ["生育", "生育津贴"]) == "<mark>生育津贴</mark>"


@given(st.text(alphabet="甲乙丙，。\n", max_size=60), st.text(alphabet="甲乙丙，。\n", max_size=60))
def test_the_pieces_of_a_difference_make_up_both_texts(old: str, new: str) -> None:
    found = pieces(old, new)
    assert "".join(piece.text for piece in found if piece.kind != "new") == old
    assert "".join(piece.text for piece in found if piece.kind != "gone") == new


def test_long_texts_are_compared_in_no_time() -> None:
    old = "医保" * 2500
    assert pieces(old, old[:2000] + "甲" + old[2000:])


def test_a_difference_names_the_fields_that_changed() -> None:
    old = EntryText("问？", "答一。", "benefits", variants=("甲", "乙"))
    new = replace(old, answer="答二。", variants=("乙", "丙"))
    assert [
        (each.label, [(piece.kind, piece.text) for piece in each.pieces]) for each in differences(old, new)
    ] == [
        ("答案", [("same", "答"), ("gone", "一"), ("new", "二"), ("same", "。")]),
        ("相似问", [("gone", "甲"), ("same", "乙"), ("new", "丙")]),
    ]
