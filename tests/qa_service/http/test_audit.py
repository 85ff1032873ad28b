"""The audit trail over the API."""

import pytest

from tests import cast
from tests.qa_service.http.calling import Service


def actions(service: Service, **params: str) -> list[str]:
    listed = service.by(cast.AUDITOR).get("/api/v1/audit", params=params)
    assert listed.status_code == 200, listed.text
    return [line["action"] for line in listed.json()["items"]]


def test_the_trail_is_filtered_by_subject_person_and_day(service: Service) -> None:
    service.publish()
    drafted = ["entry.published", "entry.signed", "entry.signed", "entry.submitted", "entry.drafted"]
    assert actions(service, subject="entry") == drafted
    assert actions(service, subject="entry", subject_id="1", by="leader") == ["entry.signed"]
    today, tomorrow = service.day(after=0).isoformat(), service.day(after=1).isoformat()
    assert actions(service, subject="entry", since=today, until=today) == drafted
    assert actions(service, subject="entry", since=tomorrow) == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_ends_of_time_are_no_server_error(service: Service, day: str) -> None:
    for bound in ("since", "until"):
        listed = service.by(cast.AUDITOR).get("/api/v1/audit", params={bound: day})
        assert listed.status_code == 200


def test_auditors_and_administrators_read_it_and_nobody_else(service: Service) -> None:
    for member in cast.MEMBERS:
        expected = 200 if member in (cast.AUDITOR, cast.ADMIN) else 403
        assert service.by(member).get("/api/v1/audit").status_code == expected


def test_it_cannot_be_changed(service: Service) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert service.by(cast.ADMIN).request(method, "/api/v1/audit").status_code == 405
