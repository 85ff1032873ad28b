"""词语: what a word may say."""

import pytest

from knowledge.errors import InvalidValue
from knowledge.wording import Word, WordKind, changed, new_word


def test_a_synonym_leads_from_what_is_said_to_the_formal_words() -> None:
    word = new_word(WordKind.SYNONYM, " 门槛费 ", "起付标准")
    assert (word.text, word.formal, word.active) == ("门槛费", "起付标准", True)
    assert str(word) == "同义说法“门槛费”→“起付标准”"


@pytest.mark.parametrize("kind", [WordKind.TERM, WordKind.NAME, WordKind.STOP_PHRASE])
def test_only_a_synonym_has_formal_words(kind: WordKind) -> None:
    assert str(new_word(kind, "益惠钱塘")) == f"{kind.label}“益惠钱塘”"
    with pytest.raises(InvalidValue, match="规范用语"):
        new_word(kind, "益惠钱塘", "惠民保")


@pytest.mark.parametrize(
    "text", ["", "  ", "药", "长" * 41, "甲乙、丙丁", "甲乙=>丙丁", "甲乙\n丙丁", "甲→乙", "甲乙|丙"]
)
def test_what_is_no_single_word_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="词语"):
        new_word(WordKind.TERM, text)
    with pytest.raises(InvalidValue, match="规范用语"):
        new_word(WordKind.SYNONYM, "门槛费", text)


def test_a_synonym_of_itself_is_refused() -> None:
    with pytest.raises(InvalidValue, match="不能与群众的说法相同"):
        new_word(WordKind.SYNONYM, "起付标准", "起付标准")


def test_a_change_keeps_what_it_does_not_name() -> None:
    word = Word(WordKind.SYNONYM, "门槛费", "起付线", id=3, version=2)
    assert changed(word, formal="起付标准") == Word(WordKind.SYNONYM, "门槛费", "起付标准", id=3)
    assert changed(word, active=False).active is False
    with pytest.raises(InvalidValue):
        changed(word, formal="门槛费")
