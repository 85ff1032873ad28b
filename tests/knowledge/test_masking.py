"""Personal data never gets into the log of questions."""

from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from knowledge.masking import is_masked, mask, without_masked

ID, CARD, PHONE, EMAIL = "【身份证号】", "【银行卡号】", "【电话】", "【邮箱】"
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def _check_digit(first17: str) -> str:
    """GB 11643: the weights are powers of two, modulo 11, counted from the right."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first17))
    return "0123456789X"[(12 - total % 11) % 11]


def _luhn_digit(body: str) -> str:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    return str(-sum(digit // 10 + digit % 10 for digit in doubled) % 10)


def _is_luhn(number: str) -> bool:
    return _luhn_digit(number[:-1]) == number[-1]


birthdays = st.dates(date(1920, 1, 1), date(2025, 12, 31))
first17 = st.builds(
    lambda region, born, serial: f"{region}{born:%Y%m%d}{serial:03d}",
    st.integers(110101, 659999),
    birthdays,
    st.integers(0, 999),
)
valid_ids = first17.map(lambda body: body + _check_digit(body))
mobiles = st.from_regex(r"1[3-9]\d{9}", fullmatch=True).map(lambda number: "".join(map(str, number)))
cards = st.from_regex(r"6[0-9]{14,17}", fullmatch=True).map(lambda body: body + _luhn_digit(body))


@given(valid_ids)
@example("11010519491231002X")
def test_identity_numbers_are_masked_in_every_width_and_case(number: str) -> None:
    for written in (number, number.lower(), number.translate(FULL_WIDTH)):
        assert mask(f"我的身份证{written}能查吗") == f"我的身份证{ID}能查吗"
        assert is_masked(mask(written))


@given(valid_ids)
def test_identity_numbers_written_in_groups_are_masked(number: str) -> None:
    for gap in (" ", "-"):
        assert mask(f"身份证 {gap.join((number[:6], number[6:14], number[14:]))}。") == f"身份证 {ID}。"


@given(valid_ids, st.integers(1, 9))
def test_a_number_with_a_wrong_check_digit_is_no_identity_number(number: str, shift: int) -> None:
    wrong = number[:-1] + str((int(number[-1].replace("X", "9")) + shift) % 10)
    assume(wrong != number and wrong[-1] != _check_digit(wrong[:-1]) and not _is_luhn(wrong))
    assert mask(f"流水号{wrong}") == f"流水号{wrong}"


@given(
    birthdays.filter(lambda born: 1920 <= born.year < 2000), st.integers(110101, 659999), st.integers(0, 999)
)
def test_old_identity_numbers_are_masked(born: date, region: int, serial: int) -> None:
    assert mask(f"老证号{region}{born:%y%m%d}{serial:03d}") in (f"老证号{ID}", f"老证号{CARD}")


def test_fifteen_digits_without_a_birth_date_are_left_alone() -> None:
    assert mask("业务号110101991345671") == "业务号110101991345671"


@given(cards)
@example("6222020200112233445"[:-1] + _luhn_digit("622202020011223344"))
def test_bank_cards_are_masked(number: str) -> None:
    grouped = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    for written in (number, grouped, number.translate(FULL_WIDTH)):
        assert mask(f"卡号{written}到账了吗") in (f"卡号{CARD}到账了吗", f"卡号{ID}到账了吗")


@given(cards, st.integers(1, 9))
def test_a_number_with_a_wrong_luhn_digit_is_no_bank_card(number: str, shift: int) -> None:
    wrong = number[:-1] + str((int(number[-1]) + shift) % 10)
    assume(len(wrong) != 18 or wrong[-1] != _check_digit(wrong[:-1]))
    assert mask(f"单号{wrong}") == f"单号{wrong}"


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "+8613800138000",
        "８６13800138000",
        "１３８００１３８０００",
        "010-65123456",
        "01065123456",
        "0571-87654321",
        "0755 2345678",
    ],
)
def test_telephone_numbers_are_masked(written: str) -> None:
    assert mask(f"回电{written}谢谢") == f"回电{PHONE}谢谢"


@pytest.mark.parametrize("written", ["wang.li_86@example.com.cn", "a+b@x.cn", "ｗａｎｇ＠example.com"])
def test_mail_addresses_are_masked(written: str) -> None:
    assert mask(f"发到{written}可以吗") == f"发到{EMAIL}可以吗"


def test_several_are_masked_in_one_text() -> None:
    text = "我叫王某，身份证11010519491231002X，电话13800138000、010-65123456，邮箱w@x.cn"
    assert mask(text) == f"我叫王某，身份证{ID}，电话{PHONE}、{PHONE}，邮箱{EMAIL}"


@pytest.mark.parametrize("before", ["", "1 ", "2024 ", "65-"])
@pytest.mark.parametrize("after", ["", " 3", " 20", " 2024", "-1"])
@pytest.mark.parametrize(
    "number", ["11010519491231002X", "6222021234567894", "6222 0212 3456 7894", "13800138000"]
)
def test_other_numbers_beside_it_do_not_hide_it(before: str, after: str, number: str) -> None:
    assert number not in mask(f"{before}{number}{after}")


@pytest.mark.parametrize(
    "text",
    [
        "拨打12393或12345咨询",
        "国办发〔2021〕14号和国务院令第735号",
        "2026年1月1日起缴费400元，封顶线500000元",
        "医保编码C01AA05001",
        "办理流程：1. 登记 2. 审核 3. 支付",
        "单号202611210000123",
        "0000000000000000",
        "",
    ],
)
def test_what_is_not_personal_is_left_alone(text: str) -> None:
    assert mask(text) == text
    assert not is_masked(text)


@given(st.text(st.sampled_from("0123456789Xx-+ @.王，a０１Ｘ\n"), max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text(max_size=60))
def test_text_without_digits_or_at_signs_is_left_alone(text: str) -> None:
    plain = "".join(char for char in text if not char.isdigit() and char not in "@＠﹫")
    assert mask(plain) == plain


@pytest.mark.parametrize("label", [ID, CARD, PHONE, EMAIL])
def test_what_was_masked_is_known_by_its_label(label: str) -> None:
    assert is_masked(f"我是{label}，能报销吗")


@pytest.mark.parametrize(
    ("masked", "left"),
    [
        (f"我电话{PHONE}，火车票改签的钱给报吗", "火车票改签的钱给报吗"),
        (f"津贴怎么算？我是{ID}。急，急！", "津贴怎么算？急，急"),
        ("双胞胎津贴怎么算，多给吗？", "双胞胎津贴怎么算，多给吗？"),
        (f"给{PHONE}回电", ""),
    ],
)
def test_clauses_that_nothing_was_masked_in_are_left(masked: str, left: str) -> None:
    assert without_masked(masked) == left
