"""How titles of documents are compared."""

import re
import unicodedata

_DROPPED = re.compile(r"[\s《》〈〉<>“”\"]+")


def title_key(title: str) -> str:
    """What two spellings of one title share: “《中华人民共和国社会保险法》” and “社会保险法” are one."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKC", title))
    return plain.removeprefix("中华人民共和国")
