"""Text in the encodings that spreadsheet programs in China write."""

from pathlib import Path

from qa_service.tables.table import UnreadableFile

_DAMAGED = 0.1  # share of undecodable characters below which a text was meant to be UTF-8
_COMMON = 0.45  # share of common characters below which a text was not meant to be GB18030
_UNKNOWN = "编码既不是 UTF-8 也不是 GB18030，或者不是文本文件；请用 Excel 或记事本打开后另存为 UTF-8 编码"


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, or in GB18030.

    Raises UnreadableFile when it is in neither, and when it is UTF-8 with broken characters in it:
    read as GB18030 those would come out as other characters, unnoticed.
    """
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("文件编码是 UTF-16，请另存为 UTF-8 编码（CSV 请选“CSV UTF-8”）", value=path.name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if raw.startswith(b"\xef\xbb\xbf") or _is_damaged_utf8(raw):
            row = raw.count(b"\n", 0, error.start) + 1
            raise UnreadableFile(
                "有不能按 UTF-8 读出的字节，文件可能已损坏，请重新导出或另存", row
            ) from error
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise UnreadableFile(_UNKNOWN, value=path.name) from error
    if not _reads_as_chinese(text):
        raise UnreadableFile(_UNKNOWN, value=path.name)
    return text


def _is_damaged_utf8(raw: bytes) -> bool:
    decoded = raw.decode("utf-8", "replace")
    foreign = sum(character > "\x7f" for character in decoded)
    return decoded.count("\ufffd") < _DAMAGED * foreign


def _reads_as_chinese(text: str) -> bool:
    """Whether enough of the characters are among the 3,755 that everyday Chinese consists of (GB 2312, level 1).

    GB18030 gives some meaning to almost any bytes. Of Chinese in it nearly all characters are common, 0.6
    of them when it is traditional; of Big5 or Shift_JIS taken for it, fewer than 0.4.
    """
    ideographs = [character for character in text if _is_ideograph(character)]
    return sum(map(_is_common, ideographs)) >= _COMMON * len(ideographs)


def _is_ideograph(character: str) -> bool:
    return (
        character > "\u303f" and not "\uff00" <= character <= "\uffef"
    )  # neither punctuation nor full-width


def _is_common(character: str) -> bool:
    code = character.encode("gb2312", "replace")
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7
