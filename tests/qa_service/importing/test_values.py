from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entry import Channel, InsuredGroup
from knowledge.errors import InvalidValue
from knowledge.policy import Citation, Disclosure, Validity
from qa_service.importing import values


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-05",
        "2024-1-5",
        "2024/1/5",
        "2024.01.05",
        "2024年1月5日",
        "２０２４年１月５日",
        "20240105",
        "45296",
        "45296.0",
        "2024-01-05 00:00:00",
        "2024-01-05T08:30:00",
    ],
)
def test_dates_are_read_in_every_form_that_people_write(written: str) -> None:
    assert values.day("生效日期", written) == date(2024, 1, 5)


@pytest.mark.parametrize(
    "written",
    ["2024-13-01", "2024-02-30", "1月5日", "2024年", "明天", "5/1/2024", "1024-01-05", "17000", "0"],
)
def test_what_is_no_date_is_refused_with_examples(written: str) -> None:
    with pytest.raises(InvalidValue, match="请写成 2024-01-05、2024/1/5 或 2024年1月5日"):
        values.day("生效日期", written)


@given(st.dates(date(1949, 1, 1), date(2200, 12, 31)))
def test_every_printed_date_is_read_back(day: date) -> None:
    assert values.day("生效日期", day.isoformat()) == day
    assert values.day("生效日期", f"{day.year}年{day.month}月{day.day}日") == day


def test_no_date_means_no_limit_and_so_do_the_words_for_ever() -> None:
    assert values.day("生效日期", "") is None
    assert values.last_day("失效日期", "长期有效") is None
    assert values.last_day("失效日期", "9999-12-31") is None


@pytest.mark.parametrize(
    ("written", "group"),
    [
        ("", InsuredGroup.BOTH),
        ("职工和居民", InsuredGroup.BOTH),
        ("职工", InsuredGroup.EMPLOYEE),
        ("Employee", InsuredGroup.EMPLOYEE),
        ("城镇职工", InsuredGroup.EMPLOYEE),
        ("城乡居民", InsuredGroup.RESIDENT),
        ("resident", InsuredGroup.RESIDENT),
    ],
)
def test_insured_groups_are_read_in_either_language(written: str, group: InsuredGroup) -> None:
    assert values.insured_group("险种", written) is group


def test_an_unknown_group_disclosure_validity_or_channel_is_told_what_is_known() -> None:
    for read, expected in (
        (values.insured_group, "请填“职工”或“居民”，两者都适用时留空"),
        (values.disclosure, "请填“主动公开”“依申请公开”或“不予公开”，留空为主动公开"),
        (values.validity, "请填“现行有效”“已修改”“已废止”或“已失效”，留空为现行有效"),
        (values.channels, "请填“热线”“网站”“接口”，多个用“|”分隔，都适用时留空"),
    ):
        with pytest.raises(InvalidValue) as caught:
            read("某列", "外星人")
        assert (caught.value.field, caught.value.value) == ("某列", "外星人")
        assert caught.value.expected == f"不认得，{expected}"


def test_disclosure_validity_and_channels_are_read_in_either_language() -> None:
    assert values.disclosure("", "on_request") is values.disclosure("", "依申请公开") is Disclosure.ON_REQUEST
    assert values.disclosure("", "") is Disclosure.ON_INITIATIVE
    assert values.validity("", "REPEALED") is values.validity("", "废止") is Validity.REPEALED
    assert values.channels("", "网站、12393 热线") == (Channel.HOTLINE, Channel.WEBSITE)
    assert values.channels("", ("api",)) == (Channel.API,)
    assert values.channels("", "") == ()


@pytest.mark.parametrize("written", ["杭州", "杭州市", "浙江省杭州市", "330100"])
def test_regions_are_read_by_name_or_code(written: str) -> None:
    assert values.region_code("地区", written) == "330100"


def test_a_category_is_a_path_however_its_slashes_are_typed() -> None:
    assert values.category("类目", " 待遇保障 / 生育保险／津贴 ") == ("待遇保障", "生育保险", "津贴")
    assert values.category("类目", ("待遇保障", "生育保险")) == ("待遇保障", "生育保险")
    with pytest.raises(InvalidValue, match="最多6级"):
        values.category("类目", "一/二/三/四/五/六/七")


def test_similar_questions_are_kept_once_and_counted() -> None:
    assert values.variants("相似问", "甲|乙|甲") == ("甲", "乙")
    with pytest.raises(InvalidValue, match="最多200条"):
        values.variants("相似问", tuple(map(str, range(201))))
    with pytest.raises(InvalidValue, match="最多200个字，现有201个字"):
        values.variants("相似问", "问" * 201)


def test_text_is_taken_literally() -> None:
    script = "<script>alert(1)</script>"
    assert values.answer("答案", script) == script
    assert values.question("标准问", script) == script


def test_an_answer_keeps_its_lines_and_a_question_has_one() -> None:
    assert values.answer("答案", "一、甲\r\n\r\n  二、乙 ") == "一、甲\n\n  二、乙"
    assert values.question("标准问", "甲\r\n乙　丙") == "甲 乙 丙"


class TestCitations:
    def test_several_citations_line_up_across_the_columns(self) -> None:
        assert values.citations(
            "国办发[2019]10号 | 主席令第35号", "意见|《社会保险法》", "二|第五十三条"
        ) == (
            Citation("国办发〔2019〕10号", "意见", "二"),
            Citation("主席令第35号", "社会保险法", "第五十三条"),
        )

    def test_an_empty_column_is_empty_for_all(self) -> None:
        assert values.citations("主席令第35号|主席令第80号", "", "") == (
            Citation("主席令第35号"),
            Citation("主席令第80号"),
        )

    def test_empty_places_keep_the_others_in_line(self) -> None:
        assert values.citations(" | 主席令第35号", "通知 | ", " | 第二条") == (
            Citation("", "通知"),
            Citation("主席令第35号", "", "第二条"),
        )

    def test_one_document_with_several_clauses_is_cited_for_each(self) -> None:
        assert values.citations("主席令第35号", "社会保险法", "第五条|第六条") == (
            Citation("主席令第35号", "社会保险法", "第五条"),
            Citation("主席令第35号", "社会保险法", "第六条"),
        )

    def test_lists_need_no_bars(self) -> None:
        assert values.citations(("主席令第35号", ""), ("", "甲|乙"), ()) == (
            Citation("主席令第35号"),
            Citation("", "甲|乙"),
        )

    def test_columns_that_do_not_line_up_are_refused_with_their_counts(self) -> None:
        with pytest.raises(InvalidValue, match="文号2个、文件名3个、条款0个"):
            values.citations("主席令第35号|主席令第80号", "甲|乙|丙", "")

    def test_a_clause_of_no_document_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="没有对应的文号或文件名"):
            values.citations("", "", "第五条")

    def test_an_unparseable_number_is_kept_as_typed_and_known(self) -> None:
        cited = values.citations("2021年通报第22期|主席令第35号", "", "")
        assert cited[0].document_number == "2021年通报第22期"
        assert values.unparsed_numbers(cited) == ["2021年通报第22期"]
