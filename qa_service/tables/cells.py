"""What one cell of a table may hold.

A cell is text, or a tuple of texts where the format has lists (JSON). Within text, items are separated by
`|` (or the full-width `｜`), or by line breaks when there is no such bar. A backslash before a bar makes it
an ordinary character; backslashes elsewhere mean nothing.
"""

import re
from collections.abc import Iterable

from knowledge.errors import InvalidValue

Cell = str | tuple[str, ...]

_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Pasted from web pages: nobody sees them, and no search finds across them.
_INVISIBLE = re.compile("[\u200b\ufeff]")
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BAR = re.compile(r"(\\*)([|｜])")
_WORD_ENDS = re.compile("[、，,；;]")
_RUN_BY_SPREADSHEETS = re.compile("'*[-=+@＝＋－＠]")


def require_writable(label: str, text: str) -> None:
    """Raise InvalidValue when the text holds characters that no document can: NUL, control codes, half pairs."""
    if found := _UNWRITABLE.search(text):
        shown = _UNWRITABLE.sub("�", text)
        raise InvalidValue(label, shown, f"含有不可见的控制字符（U+{ord(found[0]):04X}），请删除后重试")


def clean(text: str) -> str:
    """The text with one kind of line break, and without invisible characters and blank ends."""
    return _INVISIBLE.sub("", _BREAKS.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """The text with every run of blanks, line breaks included, as one space."""
    return " ".join(text.split())


def is_blank(cell: Cell) -> bool:
    """Whether nothing is written there."""
    return not any(map(clean, cell)) if isinstance(cell, tuple) else not clean(cell)


def split_list(cell: Cell) -> tuple[str, ...]:
    """The items of a list, without empty ones; both bars and line breaks separate."""
    if isinstance(cell, tuple):
        pieces: Iterable[str] = cell
    else:
        pieces = (piece for part in _split_at_bars(cell) for piece in part.split("\n"))
    return tuple(item for item in map(one_line, pieces) if item)


def split_aligned(cell: Cell) -> tuple[str, ...]:
    """The items of a list that lines up with the lists of other columns: empty ones keep their place."""
    if isinstance(cell, tuple):
        pieces: Iterable[str] = cell
    elif not cell.strip():
        return ()
    elif len(parts := _split_at_bars(cell)) > 1:
        pieces = parts
    else:
        pieces = parts[0].split("\n")
    items = tuple(map(one_line, pieces))
    return items if any(items) else ()


def split_words(cell: Cell) -> tuple[str, ...]:
    """The items of a list of words, which people also separate by commas, `、` and `；`."""
    if isinstance(cell, str) and not _BAR.search(cell) and "\n" not in cell:
        cell = tuple(_WORD_ENDS.split(cell))
    return split_list(cell)


def join_lines(items: Iterable[str]) -> str:
    """One item a line; `split_list` takes it apart again."""
    return "\n".join(_escape(one_line(item)) for item in items)


def join_bars(items: Iterable[str]) -> str:
    """Items between bars; `split_aligned` takes it apart again. Nothing but empty items makes an empty cell."""
    written = [_escape(one_line(item)) for item in items]
    return " | ".join(written).strip() if any(written) else ""


def join_words(items: Iterable[str]) -> str:
    """Items between bars; `split_words` takes it apart again."""
    items = tuple(items)
    joined = join_bars(items)
    # A single item with a comma in it would be taken for several: the bar says that commas do not separate here.
    return f"{joined} |" if len(items) == 1 and _WORD_ENDS.search(joined) else joined


def guard_formula(text: str) -> str:
    """The text as a CSV file may hold it: what a spreadsheet program would run as a formula gets an apostrophe."""
    return f"'{text}" if _RUN_BY_SPREADSHEETS.match(text) else text


def unguard_formula(text: str) -> str:
    """The text without the apostrophe that `guard_formula` put before it."""
    return text[1:] if text.startswith("'") and _RUN_BY_SPREADSHEETS.match(text) else text


def _split_at_bars(text: str) -> list[str]:
    """The parts between bars. Of backslashes before a bar, two make one, and an odd one takes the bar's meaning."""
    parts: list[str] = []
    part, at = "", 0
    for bar in _BAR.finditer(text):
        slashes = len(bar[1])
        part += text[at : bar.start()] + "\\" * (slashes // 2)
        if slashes % 2:
            part += bar[2]
        else:
            parts.append(part)
            part = ""
        at = bar.end()
    return [*parts, part + text[at:]]


def _escape(item: str) -> str:
    return _BAR.sub(lambda bar: "\\" * (2 * len(bar[1]) + 1) + bar[2], item)
