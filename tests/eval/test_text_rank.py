"""Cover density ranking, by hand and against a real PostgreSQL."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.text_rank import text_rank
from tests.conftest import PostgresServer

WORDS = st.lists(st.sampled_from(["甲", "乙", "丙", "丁", "戊"]), max_size=12)


def of(total: float) -> float:
    return total / (total + 1)


class TestByHand:
    def test_a_word_alone_counts_a_tenth(self) -> None:
        assert text_rank(["甲"], ["甲"]) == pytest.approx(of(0.1))

    def test_every_occurrence_is_a_cover(self) -> None:
        assert text_rank(["甲", "乙", "甲"], ["甲"]) == pytest.approx(of(0.2))

    def test_words_between_make_it_less(self) -> None:
        assert text_rank(["甲", "丙", "丙", "乙"], ["甲", "乙"]) == pytest.approx(of(0.1 / 3))

    def test_nothing_counts_where_a_word_is_missing(self) -> None:
        assert text_rank(["甲", "甲"], ["甲", "乙"]) == 0.0
        assert text_rank(["甲"], []) == 0.0
        assert text_rank([], ["甲"]) == 0.0


@pytest.fixture(scope="module")
def connection(postgres: PostgresServer) -> Iterator[psycopg.Connection]:
    name, _, host = postgres.create().partition("@/")[2].partition("?host=")
    with psycopg.connect(f"host={host} user=postgres dbname={name}", autocommit=True) as connection:
        yield connection


@settings(max_examples=200)
@given(document=WORDS, query=st.lists(st.sampled_from(["甲", "乙", "丙", "己"]), min_size=1, max_size=3))
def test_postgresql_says_the_same(
    connection: psycopg.Connection, document: list[str], query: list[str]
) -> None:
    row = connection.execute(
        "select coalesce(ts_rank_cd(to_tsvector('simple', %s), websearch_to_tsquery('simple', %s), 32), 0)",
        (" ".join(document), " ".join(query)),
    ).fetchone()
    assert row is not None
    assert text_rank(document, query) == pytest.approx(row[0], abs=1e-6)
