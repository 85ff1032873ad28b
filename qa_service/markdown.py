"""The small Markdown in which answers are written, as HTML that is safe to show.

Paragraphs, lists, bold and emphasis; nothing else. HTML in an answer is shown as the text it is.
"""

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_GAP = Token("text", "", 0, content=" ")
"""Stands between two paragraphs or items."""


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False, "linkify": False, "breaks": True}).enable(
        ["list", "emphasis", "newline", "escape"]
    )


def to_html(markdown: str) -> str:
    """The answer as HTML with p, ul, ol, li, strong, em and br only."""
    return str(_renderer().render(markdown))


def to_plain(markdown: str) -> str:
    """The answer on one line without marks, for previews."""
    words = [
        " " if token.type in ("softbreak", "hardbreak") else token.content
        for block in _renderer().parse(markdown)
        for token in (*(block.children or ()), _GAP)
    ]
    return " ".join("".join(words).split())
