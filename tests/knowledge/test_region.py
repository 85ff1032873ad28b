"""Regions by GB/T 2260 code."""

import pytest

from knowledge import region
from knowledge.errors import InvalidValue

CITIES = [code for code in region.names() if not code.endswith("0000")]
PROVINCES = [code for code in region.names() if code.endswith("0000")]


def test_the_table_holds_every_province_and_city() -> None:
    assert len(PROVINCES) == 34
    assert len(CITIES) > 330
    assert all(code[:2] + "0000" in region.names() for code in CITIES)


@pytest.mark.parametrize(
    ("code", "lineage"),
    [
        ("", ("",)),
        ("330000", ("330000", "")),
        ("330100", ("330100", "330000", "")),
        ("110000", ("110000", "")),
    ],
)
def test_what_applies_in_a_region_is_its_own_then_what_contains_it(
    code: str, lineage: tuple[str, ...]
) -> None:
    assert region.lineage(code) == lineage
    assert region.level(code) == len(lineage) - 1


def test_every_code_reads_as_itself() -> None:
    assert [region.parse(code) for code in region.names()] == list(region.names())


def test_every_province_is_found_by_its_full_name() -> None:
    assert [region.parse(region.name(code)) for code in PROVINCES] == PROVINCES


def test_every_city_is_found_by_province_and_name() -> None:
    written = {code: region.name(code[:2] + "0000") + region.name(code) for code in CITIES}
    assert {code: region.parse(name) for code, name in written.items()} == {code: code for code in CITIES}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("杭州", "330100"),
        ("杭州市", "330100"),
        ("浙江省杭州市", "330100"),
        ("浙江杭州", "330100"),
        (" 浙江 ", "330000"),
        ("北京", "110000"),
        ("上海市", "310000"),
        ("内蒙古", "150000"),
        ("广西", "450000"),
        ("西藏自治区", "540000"),
        ("新疆", "650000"),
        ("香港", "810000"),
        ("吉林", "220000"),
        ("吉林市", "220200"),
        ("延边", "222400"),
        ("恩施土家族苗族自治州", "422800"),
        ("锡林郭勒", "152500"),
        ("330106", "330100"),
        ("310115", "310000"),
        ("", ""),
        ("全国", ""),
        ("100000", ""),
    ],
)
def test_names_as_people_type_them(typed: str, code: str) -> None:
    assert region.parse(typed) == code


@pytest.mark.parametrize("typed", ["亚特兰蒂斯", "999999", "33010", "3301000", "州", "市"])
def test_anything_else_is_refused_with_what_is_expected(typed: str) -> None:
    with pytest.raises(InvalidValue, match="GB/T 2260"):
        region.parse(typed)


def test_names_are_shown_in_full_and_unknown_codes_as_they_are() -> None:
    assert region.name("330100") == "杭州市"
    assert region.name("") == "全国"
    assert region.name("999999") == "999999"
