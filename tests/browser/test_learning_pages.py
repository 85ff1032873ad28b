"""The learning loop in a real browser: callers' words, from the operator's pick to an answer by them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from knowledge.entry import Channel, EntryText
from knowledge.people import Member
from tests import cast
from tests.browser.site import Site, Visit, serving, violations

CARE = EntryText(
    question="失能老人的护理服务怎么申请？",
    answer="本人或家属向参保地经办机构提出申请，经评估符合条件的，由定点护理机构上门服务。",
    department="benefits",
)
WORDING = "瘫在床上的老爹找谁来家里伺候"
INBOX = "/department/learning"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service of its own: what is learnt here would be found in the other tests."""
    folder: Path = tmp_path_factory.mktemp("learning")
    with serving(folder) as running:
        application = running.application
        entry = application.publishing.draft(CARE, cast.EDITOR)
        entry = application.publishing.submit(entry.id, entry.version, cast.EDITOR)
        for signer in (cast.HEAD, cast.LEADER, cast.PUBLISHER):
            entry = application.publishing.sign(entry.id, entry.version, signer)
        yield running


def asked(visit: Visit, member: Member, wording: str) -> tuple[Page, Locator]:
    """The desk after a question, and the entry among what was found."""
    page = visit.sign_in(member)
    page.get_by_label("来电人的问题").fill(wording)
    page.get_by_role("button", name="提问").click()
    return page, page.locator(".hit").filter(has=page.get_by_role("heading", name=CARE.question))


def pick(visit: Visit, member: Member, wording: str) -> None:
    page, hit = asked(visit, member, wording)
    hit.locator("summary").first.click()
    hit.get_by_role("button", name="选用这条").click()
    expect(page.get_by_text("已记下选用这条")).to_be_visible()


def picked(site: Site, wording: str) -> None:
    """The operator has picked the entry for these words before."""
    application = site.application
    with application.store.reading() as records:
        published = records.publications.all_current(application.today())
        entry = next(each for each in published if each.text.question == CARE.question)
    application.learning.pick(wording, entry.id, Channel.HOTLINE, cast.OPERATOR.login, entry.revision)


def choose(group: Locator, wording: str) -> None:
    """Leave the tick at this wording alone."""
    for box in group.get_by_role("checkbox").all():
        box.set_checked(wording in (box.locator("xpath=..").text_content() or ""))


def place(shown: Locator) -> FloatRect:
    """Where something is on the page."""
    expect(shown).to_be_visible()
    found = shown.bounding_box()
    assert found is not None
    return found


def test_callers_words_become_a_similar_question_and_are_answered(visit: Visit) -> None:
    page, hit = asked(visit, cast.OPERATOR, WORDING)
    expect(hit).to_be_visible()
    expect(page.locator(".hit.best")).to_have_count(0)
    pick(visit, cast.OPERATOR, WORDING)
    pick(visit, cast.ADMIN, f"{WORDING}啊")
    picked(visit.site, "医保给报护工不")

    page = visit.sign_in(cast.EDITOR, "/department")
    page.get_by_role("link", name="群众问法").click()
    group = page.locator("form.card").filter(has=page.get_by_role("link", name=CARE.question))
    said = group.get_by_role("listitem").filter(has_text=WORDING)
    expect(said).to_contain_text("2 次")
    expect(said).to_contain_text("坐席选用 2")
    choose(group, WORDING)
    group.get_by_role("button", name="加入并送审").click()
    expect(page.get_by_text("已加入条目的新版本，并已提交审核。")).to_be_visible()

    for signer in (cast.HEAD, cast.LEADER, cast.PUBLISHER):
        page = visit.sign_in(signer, "/department/review")
        page.get_by_role("link", name=CARE.question).click()
        expect(page.get_by_role("insertion")).to_have_text(["新增的文字", WORDING])  # the legend comes first
        page.get_by_role("button", name="同意").click()
        if signer is cast.PUBLISHER:
            page.get_by_role("dialog").get_by_role("button", name="确定").click()
        page.wait_for_url("**/department/review?done=*")

    page, hit = asked(visit, cast.OPERATOR, WORDING)
    expect(page.get_by_text("已找到答案", exact=True).first).to_be_visible()
    expect(page.locator(".hit.best")).to_contain_text(CARE.answer)
    page = visit.sign_in(cast.EDITOR, INBOX)
    expect(page.get_by_role("checkbox", name="医保给报护工不")).to_be_visible()
    expect(page.get_by_text(WORDING)).to_have_count(0)


def test_the_next_caller_stands_apart_from_what_was_found(visit: Visit) -> None:
    page, _ = asked(visit, cast.OPERATOR, "火星上的邮局几点开门")
    expect(page.locator("#results .receipt-code")).to_be_visible()  # what is on the page now stays
    above, below = place(page.get_by_role("button", name="换一位来电人")), place(page.locator(".outcome"))
    assert below["y"] - above["y"] - above["height"] >= 8


def test_words_that_are_not_wanted_can_be_taken_back(visit: Visit) -> None:
    picked(visit.site, "请个保姆能走医保吗")
    page = visit.sign_in(cast.EDITOR, INBOX)
    group = page.locator("form.card").filter(has=page.get_by_role("link", name=CARE.question))
    choose(group, "请个保姆能走医保吗")
    group.get_by_role("button", name="不采用").click()
    expect(page.get_by_text("已记为不采用")).to_be_visible()
    expect(page.get_by_role("checkbox", name="请个保姆能走医保吗")).to_have_count(0)
    page.get_by_role("button", name="撤销不采用：请个保姆能走医保吗").click()
    expect(page.get_by_role("checkbox", name="请个保姆能走医保吗")).to_be_visible()


@pytest.mark.parametrize("width", [1366, 390])
def test_a_long_wording_keeps_its_box_and_nothing_runs_over_the_edge(visit: Visit, width: int) -> None:
    wording = "家里有一个瘫了好几年的老人，我们做儿女的都要上班，实在走不开，想问问有没有这方面的政策可以申请"
    picked(visit.site, wording)
    page = visit.sign_in(cast.EDITOR, INBOX)
    page.set_viewport_size({"width": width, "height": 800})
    boxes = [place(box) for box in page.get_by_role("checkbox").all()]
    assert len({(box["width"], box["height"]) for box in boxes}) == 1
    current = place(page.locator(".tabs [aria-current]"))
    assert current["x"] + current["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
