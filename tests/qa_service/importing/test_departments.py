from knowledge.people import Department
from qa_service.importing.departments import DepartmentNames

BENEFITS = Department("benefits", "待遇保障处")
OFFICE = Department("bgs", "办公室", is_office=True)


def test_a_department_is_found_by_name_or_code() -> None:
    names = DepartmentNames([BENEFITS, OFFICE])
    assert names.code("待遇保障处") == names.code("benefits") == names.code("Benefits") == "benefits"
    assert names.code("办公室") == "bgs"
    assert names.new(["benefits", "bgs"]) == []


def test_a_name_goes_before_a_code_that_is_spelt_like_it() -> None:
    names = DepartmentNames([Department("a", "b"), Department("b", "c")])
    assert names.code("b") == "a"


def test_new_departments_are_numbered_around_the_codes_that_are_taken() -> None:
    names = DepartmentNames([Department("dept1", "甲")])
    assert [names.code(name) for name in ("乙", "丙", "乙")] == ["dept2", "dept3", "dept2"]
    assert names.new(["dept3"]) == [Department("dept3", "丙")]


def test_an_office_is_the_office_only_when_there_is_none() -> None:
    assert DepartmentNames([]).code("办公室") == "office"
    other = DepartmentNames([Department("x", "综合处", is_office=True)])
    other.code("办公室")
    assert other.new(["dept1"]) == [Department("dept1", "办公室")]


def test_a_described_department_keeps_its_code_and_duties_unless_the_code_is_taken() -> None:
    described = [Department("fund", "基金监管处", duties="监督"), Department("benefits", "别的处")]
    names = DepartmentNames([BENEFITS], described)
    assert names.code("基金监管处") == names.code("fund") == "fund"
    assert names.new(["fund"]) == [described[0]]
    assert names.code("别的处") == "dept1"
