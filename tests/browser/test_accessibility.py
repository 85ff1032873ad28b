"""Every kind of page: no serious accessibility violation, and nothing to scroll sideways on a telephone."""

import pytest

from knowledge.people import Member
from tests import cast
from tests.browser.site import Visit, violations

PAGES = [
    (None, "/sign-in"),
    (None, "/receipt"),
    (cast.OPERATOR, "/ask"),
    (cast.OPERATOR, "/ask?q=生孩子的钱怎么领"),
    (cast.OPERATOR, "/ask?q=外星人"),
    (cast.OPERATOR, "/handed-on"),
    (cast.EDITOR, "/department"),
    (cast.HEAD, "/department/review"),
    (cast.ADMIN, "/department/tickets?department=all"),
    (cast.EDITOR, "/entries/new"),
    (cast.COLLEAGUE, "/entries/1"),
    (cast.COLLEAGUE, "/entries/1/edit"),
    (cast.OPERATOR, "/policies"),
    (cast.PUBLISHER, "/policies/1"),
    (cast.PUBLISHER, "/policies/new"),
    (cast.OPERATOR, "/account"),
    (cast.ADMIN, "/calibration"),
]


@pytest.mark.parametrize(("member", "path"), PAGES, ids=[path for _, path in PAGES])
def test_a_page_has_no_serious_accessibility_violation(
    visit: Visit, member: Member | None, path: str
) -> None:
    page = visit.sign_in(member, path) if member else visit.open(path)
    assert violations(page) == []


@pytest.mark.parametrize(("member", "path"), PAGES, ids=[path for _, path in PAGES])
def test_a_page_fits_a_telephone(visit: Visit, member: Member | None, path: str) -> None:
    page = visit.sign_in(member, path) if member else visit.open(path)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_ticket_and_its_forms_have_no_serious_violation(visit: Visit) -> None:
    page = visit.sign_in(cast.OPERATOR)
    page.get_by_label("来电人的问题").fill("火星人的户口本丢了怎么补办")
    page.keyboard.press("Enter")
    page.locator("#results .receipt-code").wait_for()
    assert violations(page) == []
    page = visit.sign_in(cast.ADMIN, "/department/tickets?department=all")
    page.get_by_role("link", name="火星人的户口本丢了怎么补办").click()
    for summary in page.locator("summary").all():
        summary.click()
    assert violations(page) == []
    page.get_by_role("link", name="起草答复").click()
    assert violations(page) == []
