"""Typing slips for training."""

import re
from random import Random

import pytest

from indexer.training.slips import slip

TEXTS = (
    "生育津贴怎么领取",
    "异地就医备案需要什么材料",
    "医保电子凭证如何激活",
    "住院报销比例是多少，多久能到账？",
)
_CHINESE = re.compile("[\u4e00-\u9fff]")


def test_the_same_seed_makes_the_same_slips() -> None:
    for seed in range(20):
        assert [slip(text, Random(seed)) for text in TEXTS] == [slip(text, Random(seed)) for text in TEXTS]


@pytest.mark.parametrize("text", TEXTS)
def test_it_changes_something_nearly_always_and_not_always_the_same(text: str) -> None:
    slipped = [slip(text, Random(seed)) for seed in range(200)]
    assert sum(each != text for each in slipped) >= 150
    assert len(set(slipped)) >= 50


@pytest.mark.parametrize("text", TEXTS)
def test_most_of_the_text_is_still_there(text: str) -> None:
    for seed in range(200):
        slipped = slip(text, Random(seed))
        # Three slips at most, in words of three characters at most, or one dropped or doubled each.
        assert abs(len(slipped) - len(text)) <= 3
        assert len(set(text) - set(slipped)) <= 9
        assert slipped


def test_latin_letters_numbers_and_marks_stay() -> None:
    text = "国家医保APP v2.0打不开，12393打不通，报70%吗？"
    for seed in range(200):
        slipped = slip(text, Random(seed))
        assert _CHINESE.sub("", slipped) == _CHINESE.sub("", text)


@pytest.mark.parametrize("text", ["", "APP", "12393", "……", "  ", "ydjyba"])
def test_what_has_no_chinese_word_stays_as_it_is(text: str) -> None:
    assert {slip(text, Random(seed)) for seed in range(50)} == {text}


def test_a_single_character_is_no_obstacle() -> None:
    slipped = {slip("药", Random(seed)) for seed in range(200)}
    assert len(slipped) > 1
    assert all(1 <= len(each) <= 8 for each in slipped)
