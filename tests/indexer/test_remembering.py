"""What was computed a moment ago."""

from indexer.remembering import Recent


def test_what_was_put_is_given_back_until_it_is_the_one_not_asked_for_longest() -> None:
    recent = Recent[int](2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)


def test_nothing_is_left_once_it_was_cleared() -> None:
    recent = Recent[int](2)
    recent.put("a", 1)
    recent.clear()
    assert recent.get("a") is None
