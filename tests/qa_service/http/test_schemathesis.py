"""Every operation of the API, called with what its description allows and with what it forbids."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import EngineEvent, FatalError, NonFatalError, ScenarioFinished
from starlette.types import ASGIApp, Receive, Scope, Send

from indexer.segment import Segmenter
from knowledge.people import Role
from qa_service.http.limits import RateLimits
from qa_service.settings import Settings
from tests import cast
from tests.qa_service.http.calling import Service, running

EVERYTHING = replace(cast.EDITOR, login="everything", name="全角色", roles=frozenset(Role))
CONFIG = {
    "seed": 20261116,
    "checks": {
        # What no schema can say (a region that exists, dates in their order) is answered with 422.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "422", "429"]},
    },
    "generation": {"max-examples": 10, "deterministic": True},
    "phases": {"stateful": {"enabled": False}},
}


@pytest.fixture
def busy_service(store_url: str, tmp_path: Path, segmenter: Segmenter) -> Iterator[Service]:
    """A service with something of each kind in it, and limits that this many calls do not reach."""
    settings = Settings(data=tmp_path, database_url=store_url, website_per_minute=100_000)
    with running(settings, segmenter) as service:
        service.app.state.limits = RateLimits(clock=lambda: time.monotonic() * 10_000)
        with service.application.store.writing("system") as records:
            records.people.add_member(EVERYTHING)
        service.furnish()
        service.register()
        service.publish()
        service.draft()
        question = {"question": "办理时限是几天", "department": "benefits"}
        service.by(cast.EDITOR).post("/api/v1/tickets", json=question)
        yield service


@pytest.mark.slow
def test_no_call_fails_or_answers_otherwise_than_described(busy_service: Service) -> None:
    authorised = {**CONFIG, "headers": {"Authorization": f"Bearer {busy_service.token(EVERYTHING)}"}}
    schema = schemathesis.openapi.from_dict(
        busy_service.app.openapi(), config=SchemathesisConfig.from_dict(authorised)
    )
    schema.app = _without_lifespan(busy_service.app)  # the service runs already
    # Ending the session would leave every later call without one; tests/…/test_sessions.py ends sessions.
    events = list(from_schema(schema.exclude(path="/api/v1/sessions", method="DELETE")).execute())
    assert [event for event in events if isinstance(event, FatalError | NonFatalError)] == []
    failures = list(_failures(events))
    assert not failures, "\n\n".join(failures)


def _failures(events: Iterable[EngineEvent]) -> Iterator[str]:
    """Each failed check with the call that failed it."""
    for event in events:
        if not isinstance(event, ScenarioFinished):
            continue
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.status is Status.FAILURE:
                    curl = event.recorder.cases[case_id].value.as_curl_command()
                    found = check.failure_info.failure if check.failure_info else check.name
                    yield f"{event.recorder.label}: {found}\n{curl}"


def _without_lifespan(app: ASGIApp) -> ASGIApp:
    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)

    return served
