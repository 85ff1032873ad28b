"""The report is one page that needs nothing else."""

import re
from html.parser import HTMLParser

import pytest

from eval.report import page
from eval.runs import Run, SystemRun
from tests.eval.making import judged

PRODUCT = (
    *(judged("answered", "AB", id=f"Q-{n}", confidence=0.9, ms=20 + n) for n in range(6)),
    judged("answered", "BA", id="Q-wrong<b>", confidence=0.8),
    judged("choices", "BCA", options="BC", id="Q-story", style="story", confidence=0.4),
    judged("unanswered", "B", id="Q-missed", style="keywords", confidence=0.1),
    judged("unanswered", "B", "", id="U-1", kind="far", confidence=0.1),
    judged("answered", "B", "", id="U-2", kind="near", confidence=0.75),
)
RANKER = tuple(
    judged("", "BA", "A" if each.question.relevant else "", id=each.question.id, style=each.question.style)
    for each in PRODUCT
)
_VOID = {"meta", "br", "link", "img"}


class Page(HTMLParser):
    """What stands in a page; raises when elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def text() -> str:
    systems = SystemRun("zhengda", "the product", True, PRODUCT), SystemRun("bm25", "words", False, RANKER)
    run = Run("2026-03-01T08:00:00+00:00", ("test",), 400, "s-1", "e", 0.7, 0.35, systems, 3)
    return page(run, {"spoken": [0.1, 0.2], "story": [0.05]})


@pytest.fixture(scope="module")
def seen(text: str) -> Page:
    return Page(text)


def test_it_asks_for_nothing_from_anywhere(text: str, seen: Page) -> None:
    assert re.findall(r"(?i)https?:|//[a-z]|@import|url\((?!#)", text) == []
    assert {tag for tag, _ in seen.seen} & {"script", "link", "img", "iframe", "object"} == set()
    references = [
        value for _, attributes in seen.seen for name, value in attributes.items() if "href" in name
    ]
    assert all(value and value.startswith("#") for value in references)


def test_nothing_in_it_can_run(seen: Page) -> None:
    assert [name for _, attributes in seen.seen for name in attributes if name.startswith("on")] == []


def test_it_draws_every_plot_with_a_name_and_ids_of_their_own(seen: Page) -> None:
    drawn = [attributes for tag, attributes in seen.seen if tag == "svg"]
    assert len(drawn) == 7
    assert len({attributes["aria-label"] for attributes in drawn}) == 7
    defined = [
        a["id"]
        for tag, a in seen.seen
        if "id" in a and a["id"] and tag in ("path", "clippath") and len(a["id"]) > 10
    ]
    assert len(defined) == len(set(defined))


def test_it_tells_the_figures(seen: Page) -> None:
    # Seven answered of nine answerable, one of them wrong.
    assert "0.778 [" in seen.words
    assert "0.143 [" in seen.words
    for words in ("nDCG@10", "Brier score", "calibration error", "risk at 0.80 coverage", "maternity"):
        assert words in seen.words


def test_it_lists_wrong_answers_and_what_was_not_found(text: str, seen: Page) -> None:
    assert "2 questions were answered wrongly" in seen.words
    assert "1 answerable questions whose entry is not among the first ten" in seen.words
    assert "Q-wrong<b>" in seen.words  # as words
    assert "Q-wrong<b>" not in text  # not as an element
