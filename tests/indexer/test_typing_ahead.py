"""Questions found by what was typed so far."""

import pytest

from indexer.typing_ahead import Lines, readings

LINES = Lines(["异地就医怎么备案", "生育津贴怎么领", "怎么办异地就医", "门诊慢特病", "做ct能报吗"])


def found(typed: str, first: bool = False) -> list[int]:
    return list(dict.fromkeys(LINES.matching(typed, readings(typed), first)))


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("异地就医", [0, 2]),
        ("ydjy", [0, 2]),
        ("yidi", [0, 2]),
        ("yidijiuy", [0, 2]),
        ("yd就医", [0, 2]),
        ("异地jy", [0, 2]),
        ("ydjiuyi", [0, 2]),
        ("yi di jiu yi", [0, 2]),
        ("shengyujt", [1]),
        ("mzmtb", [3]),
        ("menzh", [3]),
        ("ct", [4]),
        ("ctneng", [4]),
        ("qqq", []),
    ],
)
def test_characters_pinyin_first_letters_and_mixtures_find_it(typed: str, lines: list[int]) -> None:
    assert found(typed) == lines


def test_a_line_that_begins_so_is_told_from_one_that_contains_it() -> None:
    assert found("ydjy", first=True) == [0]
    assert found("异地", first=True) == [0]


def test_a_whole_syllable_is_not_taken_for_the_beginning_of_another() -> None:
    lines = Lines(["先办", "现办", "西安办"])
    assert list(dict.fromkeys(lines.matching("xianb", readings("xianb"), True))) == [0, 1, 2]
    assert list(dict.fromkeys(lines.matching("xib", readings("xib"), True))) == []


def test_a_match_never_runs_over_the_end_of_a_line() -> None:
    assert found("怎么领怎么办") == []
    assert found("lzmb") == []
