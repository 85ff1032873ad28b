"""Two questions in one breath: where a text falls into parts that each ask something."""

import re

from indexer.normalise import normalise

MOST_PARTS = 3
LONGEST = 60
"""A text of more characters tells a story, and asks about that one."""
SHORTEST = 4
"""A part of fewer characters asks nothing by itself."""
_SENTENCES = re.compile(r"[。？?！!；;\n]+")
_LINKS = re.compile(
    r"[，,、\s]*(?:另外|还有(?:就是)?|再有|顺便(?:再)?(?:问一?下|问问)?|再问一?下|还想问(?:一?下)?|以及|第二(?:个问题)?|其次)[，,：:\s]*"
)
_COMMAS = re.compile(r"[，,]+")
_ASKS = re.compile(
    r"怎么|怎样|咋|如何|多少|多久|多长|几[天年月个成次岁]|百分之几|吗|呢|么$|什么|啥|哪|谁|为何|是否|是不是|能不能|可不可以|可以.*吗|要不要|有没有|"
    r"行不行|能报|报不报|给报|给不给|算不算|会不会|需不需要|(\w)不\1"
)


def parts_of(text: str) -> tuple[str, ...]:
    """The questions of a text, each with the statement that leads to it; one when it asks but one thing."""
    if len(text) > LONGEST:
        return (text,)
    found: list[str] = []
    lead = ""
    for piece in _pieces(text):
        if not _ASKS.search(piece) or len(normalise(piece)) < SHORTEST:
            lead += piece + "，"
            continue
        found.append(lead + piece)
        lead = ""
    if lead and found:
        found[-1] += "，" + lead.rstrip("，")
    return tuple(found) if 2 <= len(found) <= MOST_PARTS else (text,)


def _pieces(text: str) -> list[str]:
    pieces = [text]
    for cut in (_SENTENCES, _LINKS, _COMMAS):
        pieces = [part.strip() for piece in pieces for part in cut.split(piece) if part and part.strip()]
    return pieces
