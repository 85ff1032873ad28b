"""Marks in a text the words that a question has in common with it."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

_TAG_OR_ENTITY = re.compile(r"(<[^>]*>|&(?:#\d+|#x[0-9a-f]+|\w+);)", re.IGNORECASE)


def highlight(text: str, words: Sequence[str]) -> Markup:
    """`text`, escaped, with every occurrence of the words in <mark>."""
    return highlight_html(str(escape(text)), words)


def highlight_html(html: str, words: Sequence[str]) -> Markup:
    """Safe HTML with every occurrence of the words in <mark>; tags and entities stay as they are."""
    longest_first = sorted({word for word in words if word}, key=len, reverse=True)
    if not longest_first:
        return Markup(html)
    wanted = re.compile("|".join(re.escape(word) for word in longest_first), re.IGNORECASE)
    # Splitting by a pattern with one group puts the texts at even places and what it matched at odd ones.
    parts = _TAG_OR_ENTITY.split(html)
    parts[::2] = [wanted.sub(r"<mark>\g<0></mark>", part) for part in parts[::2]]
    return Markup("".join(parts))
