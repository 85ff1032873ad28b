"""文号 in every form that people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.document_number import DocumentNumber, canonical
from knowledge.errors import InvalidValue

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
issuers = st.text(
    st.sampled_from("国办发医保局函沪府规财社税浙川渝主席令部委联"), min_size=1, max_size=10
).filter(lambda issuer: not issuer.startswith("国令"))
numbers = st.builds(DocumentNumber, issuers, st.none() | st.integers(1949, 2100), st.integers(1, 99999))


@given(numbers)
def test_the_printed_form_reads_back_as_the_same_number(number: DocumentNumber) -> None:
    assert DocumentNumber.parse(str(number)) == number
    assert canonical(str(number)) == str(number)


@given(
    issuers,
    st.integers(1949, 2100),
    st.integers(1, 99999),
    st.sampled_from(["〔〕", "［］", "[]", "【】", "（）", "()", "﹝﹞", "{}"]),
    st.sampled_from(["", " ", "　"]),
    st.sampled_from(["{}号", "第{}号", "{}"]),
    st.booleans(),
)
def test_brackets_widths_and_spaces_make_no_difference(
    issuer: str, year: int, serial: int, brackets: str, space: str, counted: str, wide: bool
) -> None:
    figures = f"{brackets[0]}{year}{brackets[1]}{space}{counted.format(serial)}"
    typed = f"{space}{issuer}{space}{figures.translate(FULL_WIDTH) if wide else figures}"
    assert DocumentNumber.parse(typed) == DocumentNumber(issuer, year, serial)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("国办发〔2021〕14号", "国办发〔2021〕14号"),
        ("医保发[2020]024号", "医保发〔2020〕24号"),
        ("国务院令第735号", "国务院令第735号"),
        ("国务院令735号", "国务院令第735号"),
        ("中华人民共和国国务院令第735号", "国务院令第735号"),
        ("国令第735号", "国务院令第735号"),
        ("国务院令第七百三十五号", "国务院令第735号"),
        ("主席令第三十五号", "主席令第35号"),
        ("主席令第十号", "主席令第10号"),
        ("主席令第一百〇五号", "主席令第105号"),
        ("主席令第二〇五号", "主席令第205号"),
        ("国家医疗保障局令第2号", "国家医疗保障局令第2号"),
        ("2021年第22号", "2021年第22号"),
        ("２０２１年 第 ０２２ 号", "2021年第22号"),
        ("国家医疗保障局公告2021年第22号", "国家医疗保障局公告2021年第22号"),
        ("国家医疗保障局公告（2021年第22号）", "国家医疗保障局公告2021年第22号"),
        ("国家医疗保障局公告〔2021〕22号", "国家医疗保障局公告2021年第22号"),
        ("国家医疗保障局2021年第22号公告", "国家医疗保障局公告2021年第22号"),
        ("国家医疗保障局公告2021年第22号公告", "国家医疗保障局公告2021年第22号"),
        ("中华人民共和国财政部 税务总局公告2021年第22号", "财政部税务总局公告2021年第22号"),
        ("2021年第22号公告", "2021年第22号"),
        ("国办发2021年14号", "国办发〔2021〕14号"),
    ],
)
def test_what_people_type_prints_in_one_form(typed: str, printed: str) -> None:
    assert canonical(typed) == printed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "社会保险法",
        "国办发",
        "〔2021〕14号",
        "国办发〔1900〕14号",
        "国办发〔2021〕",
        "国办发2021年14号文",
        "1921年第22号",
        "2021年第号",
        "12393",
    ],
)
def test_what_is_no_number_is_refused_with_an_example_and_kept_as_it_is(typed: str) -> None:
    with pytest.raises(InvalidValue, match="国办发〔2021〕14号"):
        DocumentNumber.parse(typed)
    assert canonical(f" {typed} ") == typed.strip()


@given(st.text(max_size=40))
def test_making_canonical_twice_is_making_it_once(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
