"""The small Markdown in which answers are written, as HTML that is safe to show.

Paragraphs, lists, bold and emphasis; nothing else. HTML in an answer is shown as the text it is.
"""

import re
from functools import cache

from markdown_it import MarkdownIt

_MARKS = re.compile(r"\*\*|__|(?<!\S)[-*] |(?<!\S)\d+\. ")


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
    return " ".join(_MARKS.sub("", markdown).split())
