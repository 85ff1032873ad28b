"""The working calendar and the installation's small facts."""

from datetime import date

from knowledge.store import AuditFilter, Store

SATURDAY = date(2026, 2, 14)
MONDAY = date(2026, 2, 16)


def test_days_are_set_and_set_again(store: Store) -> None:
    with store.writing(by="admin") as records:
        assert records.calendar.days() == {}
        records.calendar.set_days({MONDAY: False, SATURDAY: True}, "春节")
        records.calendar.set_day(SATURDAY, False, "更正")
        assert records.calendar.days() == {SATURDAY: False, MONDAY: False}
        lines = records.audit.list(AuditFilter("day", "2026-02-14")).items
    assert [(line.action, line.detail) for line in lines] == [
        ("calendar.set", "休息日 更正"),
        ("calendar.set", "工作日 春节"),
    ]


def test_a_fact_is_unknown_until_it_is_set(store: Store) -> None:
    with store.writing(by="admin") as records:
        assert records.state.get("widget.origin") is None
        records.state.set("widget.origin", "https://example.gov.cn")
        records.state.set("widget.origin", "https://www.example.gov.cn")
        assert records.state.get("widget.origin") == "https://www.example.gov.cn"


def test_setting_what_is_set_already_is_no_change(store: Store) -> None:
    with store.writing(by="admin") as records:
        records.state.set("colour", "green")
        records.state.set("colour", "green")
        assert records.audit.list().total == 1


def test_the_audit_trail_names_the_key_and_keeps_the_value_out(store: Store) -> None:
    with store.writing(by="admin") as records:
        records.state.set("signing", "top-secret")
        (line,) = records.audit.list().items
    assert (line.action, line.subject, line.subject_id) == ("state.set", "state", "signing")
    assert "top-secret" not in line.detail
