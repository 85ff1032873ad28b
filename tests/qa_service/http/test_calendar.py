"""Working days over the API."""

from tests import cast
from tests.qa_service.http.calling import Service


def test_the_year_shows_national_holidays_and_what_was_set(service: Service) -> None:
    client = service.by(cast.ADMIN)
    assert (
        client.put("/api/v1/calendar/2026-11-18", json={"working": False, "note": "系统切换"}).status_code
        == 200
    )
    days = {day["day"]: day for day in client.get("/api/v1/calendar", params={"year": 2026}).json()["items"]}
    assert days["2026-10-01"] == {"day": "2026-10-01", "working": False, "source": "national"}
    assert days["2026-11-18"] == {"day": "2026-11-18", "working": False, "source": "set"}


def test_deadlines_are_counted_by_it(service: Service) -> None:
    service.by(cast.ADMIN).put("/api/v1/calendar/2026-11-18", json={"working": False})
    filed = service.by(cast.OPERATOR).post("/api/v1/tickets", json={"question": "几天能办好"})
    assert filed.json()["due_on"] == "2026-11-24", "one day later than without the day off"


def test_only_an_administrator_sets_days(service: Service) -> None:
    for member in cast.MEMBERS:
        expected = 200 if member is cast.ADMIN else 403
        set_day = service.by(member).put("/api/v1/calendar/2027-02-05", json={"working": False})
        assert set_day.status_code == expected
        assert service.by(member).get("/api/v1/calendar", params={"year": 2027}).status_code == 200


def test_a_day_that_does_not_exist_is_refused(service: Service) -> None:
    for day in ("2027-02-30", "tomorrow", "0", "1e3"):
        assert (
            service.by(cast.ADMIN).put(f"/api/v1/calendar/{day}", json={"working": True}).status_code == 422
        )
