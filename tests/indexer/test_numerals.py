"""Amounts in digits, however they were written."""

import pytest

from indexer.normalise import normalise


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("三个月", "3个月"),
        ("两年", "2年"),
        ("十五年", "15年"),
        ("二十个工作日", "20个工作日"),
        ("一百八十天", "180天"),
        ("一百零五天", "105天"),
        ("二〇二五年", "2025年"),
        ("百分之七十", "70%"),
        ("百分之六十五点五", "65.5%"),
        ("百分之 70", "70%"),
        ("３个月", "3个月"),
        ("三万元", "30000元"),
        ("1.5万元", "15000元"),
        ("三個月", "3个月"),
    ],
)
def test_an_amount_is_in_digits(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize(
    "word",
    [
        "一般",
        "三甲医院",
        "一次性",
        "五六年",
        "几十年",
        "一块报",
        "双通道",
        "十分",
        "二级医院",
        "一年级",
        "万一",
    ],
)
def test_what_is_no_amount_stays(word: str) -> None:
    assert normalise(word) == word
