"""Rate limits that several processes count together."""

from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.http import shared_buckets
from qa_service.http.limits import OwnBuckets, RateLimits
from qa_service.http.problems import TooManyRequests
from qa_service.http.shared_buckets import SharedBuckets
from tests.processes import context

WHO = st.sampled_from([("key", 1), ("key", 2), ("visitor", 0, "203.0.113.5"), ("member", "甲")])


@pytest.fixture
def file() -> Iterator[IO[bytes]]:
    with TemporaryFile() as opened:
        yield SharedBuckets.sized(opened)


def taken(limits: RateLimits, who: object, times: int, per_minute: float) -> int:
    """How many of so many requests were let through."""
    through = 0
    for _ in range(times):
        try:
            limits.take(who, per_minute)
        except TooManyRequests:
            continue
        through += 1
    return through


def take_many(path: Path, times: int, per_minute: int, counted: Connection) -> None:
    with path.open("r+b", buffering=0) as opened:
        limits = RateLimits(lambda: 0.0, SharedBuckets(opened))
        counted.send(taken(limits, ("key", 7), times, per_minute))


def test_what_one_has_taken_the_other_lacks(file: IO[bytes]) -> None:
    one, other = (RateLimits(lambda: 0.0, SharedBuckets(file)) for _ in range(2))
    assert taken(one, ("key", 1), 2, per_minute=3) == 2
    assert taken(other, ("key", 1), 5, per_minute=3) == 1
    assert taken(other, ("key", 2), 5, per_minute=3) == 3
    one.reset(("key", 1))
    assert taken(other, ("key", 1), 5, per_minute=3) == 3


def test_processes_at_once_let_no_more_through_than_one_would(tmp_path: Path) -> None:
    path = tmp_path / "buckets"
    with path.open("w+b") as made:
        SharedBuckets.sized(made)
    pipes = [context().Pipe(duplex=False) for _ in range(3)]
    processes = [
        context().Process(target=take_many, args=(path, 2_000, 3_000, counted)) for _, counted in pipes
    ]
    for process in processes:
        process.start()
    counts = [here.recv() for here, _ in pipes]
    for process in processes:
        process.join()
    assert sum(counts) == 3_000


@given(st.lists(st.tuples(WHO, st.sampled_from([0.0, 1.0, 20.0]), st.booleans()), max_size=60))
def test_they_count_as_those_in_memory_do(steps: list[tuple[object, float, bool]]) -> None:
    moment = [0.0]
    with TemporaryFile() as opened:
        kinds = (OwnBuckets(), SharedBuckets(SharedBuckets.sized(opened)))
        both = [RateLimits(lambda: moment[0], buckets) for buckets in kinds]
        for who, later, reset in steps:
            moment[0] += later
            if reset:
                for limits in both:
                    limits.reset(who)
            own, shared = (taken(limits, who, 1, per_minute=6) for limits in both)
            assert own == shared


def test_where_all_places_are_taken_who_stayed_away_longest_is_forgotten(
    file: IO[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_buckets, "_ROWS", 8)  # so that all have the same places
    buckets = SharedBuckets(file)
    for number in range(8):
        buckets.put(number, 1.0, now=100.0 - number)
    buckets.put("new", 5.0, now=101.0)
    assert buckets.get("new") == (5.0, 101.0)
    assert [number for number in range(8) if buckets.get(number) is None] == [7]
