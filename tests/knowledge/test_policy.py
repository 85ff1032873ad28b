"""Documents and citations."""

from datetime import date, timedelta

import pytest

from knowledge.policy import Citation, Disclosure, Validity
from tests.knowledge.making import TODAY, a_document


@pytest.mark.parametrize(
    ("citation", "printed"),
    [
        (
            Citation("国办发〔2021〕14号", "指导意见", "二、（三）"),
            "《指导意见》（国办发〔2021〕14号）二、（三）",
        ),
        (Citation("国办发〔2021〕14号"), "国办发〔2021〕14号"),
        (Citation("", "社会保险法", "第二条"), "《社会保险法》第二条"),
        (Citation("", ""), ""),
    ],
)
def test_a_citation_prints_title_number_and_clause(citation: Citation, printed: str) -> None:
    assert str(citation) == printed


@pytest.mark.parametrize(
    ("validity", "valid_until", "lapsed"),
    [
        (Validity.IN_FORCE, None, False),
        (Validity.AMENDED, None, False),
        (Validity.REPEALED, None, True),
        (Validity.EXPIRED, None, True),
        (Validity.IN_FORCE, TODAY, False),
        (Validity.IN_FORCE, TODAY - timedelta(days=1), True),
        (Validity.REPEALED, TODAY + timedelta(days=1), True),
    ],
)
def test_a_document_lapses_when_repealed_expired_or_past_its_last_day(
    validity: Validity, valid_until: date | None, lapsed: bool
) -> None:
    assert a_document(validity=validity, valid_until=valid_until).lapsed(TODAY) is lapsed


def test_every_validity_and_disclosure_has_a_name_to_show() -> None:
    for each in (*Validity, *Disclosure):
        assert each.label
