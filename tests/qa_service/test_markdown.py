"""The small Markdown of answers is safe to show, whatever stands in it."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.markdown import to_html, to_plain

_ALLOWED = {"p", "ul", "ol", "li", "strong", "em", "br"}
_WRITTEN = st.lists(
    st.sampled_from(
        [
            *(
                "**",
                "*",
                "__",
                "_",
                "`",
                "#",
                "\n",
                "\n\n",
                "- ",
                "1. ",
                "2) ",
                "> ",
                "    ",
                "\\",
                "---",
                "|",
                "~~~",
            ),
            *("<script>", "</p>", "<img src=x onerror=alert(1)>", "<!--", "&lt;", "&#60;", '"', "'"),
            *(
                "[链接](javascript:alert(1))",
                "![图](http://example.org/a.png)",
                "<http://example.org>",
                "http://a.cn",
            ),
            *("医保", "报销50%", " ", "药"),
        ]
    ),
    max_size=25,
).map("".join)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


def tags(html: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """Every tag with its attributes, as a browser would read them."""
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser.found


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("可以办理。", "<p>可以办理。</p>\n"),
        ("第一段\n\n第二段", "<p>第一段</p>\n<p>第二段</p>\n"),
        ("第一行\n第二行", "<p>第一行<br>\n第二行</p>\n"),
        ("须**本人**办理", "<p>须<strong>本人</strong>办理</p>\n"),
        ("请*尽快*办理", "<p>请<em>尽快</em>办理</p>\n"),
        ("- 身份证\n- 病历", "<ul>\n<li>身份证</li>\n<li>病历</li>\n</ul>\n"),
        ("1. 申请\n2. 审核", "<ol>\n<li>申请</li>\n<li>审核</li>\n</ol>\n"),
        ("编号 a_b_c", "<p>编号 a_b_c</p>\n"),
        (r"\*不是强调\*", "<p>*不是强调*</p>\n"),
    ],
)
def test_paragraphs_lists_bold_and_emphasis(written: str, shown: str) -> None:
    assert to_html(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "# 标题",
        "> 引用",
        "`代码`",
        "[链接](http://example.org)",
        "![图](http://example.org/a)",
        "| a | b |",
        "---",
    ],
)
def test_everything_else_is_shown_as_it_is_written(written: str) -> None:
    assert unescape(to_html(written)) == f"<p>{written}</p>\n"


def test_html_is_shown_as_the_text_it_is() -> None:
    assert to_html("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"


@given(_WRITTEN)
def test_no_other_tag_and_no_attribute_ever_comes_out(written: str) -> None:
    found = tags(to_html(written))
    assert {tag for tag, _ in found} <= _ALLOWED
    # A list may begin at another number than one.
    assert [attrs for tag, attrs in found if attrs and not (tag == "ol" and attrs[0][0] == "start")] == []


@given(_WRITTEN)
def test_no_word_is_lost(written: str) -> None:
    shown = unescape(re.sub(r"<[^>]*>", "", to_html(written)))
    for word in ("医保", "报销50%", "药", "javascript:alert(1)"):
        assert shown.count(word) == written.count(word)


class TestPlain:
    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("可以。\n\n- 身份证\n- **病历**", "可以。 身份证 病历"),
            ("1. 申请\n2. 审核", "申请 审核"),
            ("请*尽快*办理", "请尽快办理"),
            (r"\*不是强调\*", "*不是强调*"),
            ("3*5 等于 15", "3*5 等于 15"),
            ("a__b__c", "a__b__c"),
            ("<b>粗</b>", "<b>粗</b>"),
            ("", ""),
        ],
    )
    def test_is_the_text_on_one_line_without_marks(self, written: str, shown: str) -> None:
        assert to_plain(written) == shown

    @given(_WRITTEN)
    def test_is_what_the_page_shows(self, written: str) -> None:
        page = unescape(re.sub(r"<[^>]*>", " ", to_html(written)))
        assert "".join(to_plain(written).split()) == "".join(page.split())
