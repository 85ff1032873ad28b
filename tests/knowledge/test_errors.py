"""The tree of expected errors."""

import inspect

from knowledge import errors
from knowledge.errors import InvalidValue, ZhengdaError

TREE = [
    each
    for _, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, ZhengdaError) and each is not ZhengdaError
]


def test_every_error_has_a_code_of_its_own() -> None:
    assert len({each.code for each in TREE}) == len(TREE)


def test_every_error_is_drawn_in_the_tree() -> None:
    assert all(f"─ {each.__name__} " in str(errors.__doc__) for each in TREE)


def test_an_invalid_value_says_field_value_and_expectation() -> None:
    error = InvalidValue("地区", "亚特兰蒂斯", "应为省、市名称")
    assert error.message == "地区：“亚特兰蒂斯”不符合要求，应为省、市名称"
    assert (error.field, error.value, error.expected) == ("地区", "亚特兰蒂斯", "应为省、市名称")


def test_a_long_value_is_cut_in_the_message() -> None:
    assert InvalidValue("答案", "长" * 500, "最多").message.count("长") == 60
