"""`PolicyDocument.lapsed`, said in SQL; a test holds the two together."""

from typing import Any

from sqlalchemy import ColumnElement, or_

from knowledge.policy import Validity
from knowledge.store.schema import policies


def policy_lapsed(on: Any) -> ColumnElement[bool]:
    """Whether nothing may be answered from a document on that day (a date or a bound parameter)."""
    return or_(
        policies.c.validity.in_((Validity.REPEALED.value, Validity.EXPIRED.value)),
        policies.c.valid_until < on,
    )
