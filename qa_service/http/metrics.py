"""Figures for Prometheus, in a registry of the application's own."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge.ticket import TicketStatus
from qa_service.composition import Application

_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """What is counted as it happens, and what is read from the store and the index when somebody looks.

    Where several processes serve, each tells what it counted and its own index, under its number as `worker`.
    """

    def __init__(self, application: Application, worker: str = "") -> None:
        self.registry = CollectorRegistry()
        self._own = {"worker": worker} if worker else {}
        self.asks = Counter(
            "zhengda_asks",
            "Questions by outcome and channel",
            ["outcome", "channel", *self._own],
            registry=self.registry,
        )
        self.ask_seconds = Histogram(
            "zhengda_ask_seconds",
            "Time to answer a question",
            ["outcome", *self._own],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "zhengda_http_request_seconds",
            "Time to serve a request",
            ["method", "route", "status", *self._own],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.registry.register(_State(application, self._own))

    def asked(self, outcome: str, channel: str, took_ms: float) -> None:
        """Count one question."""
        self.asks.labels(outcome, channel, *self._own.values()).inc()
        self.ask_seconds.labels(outcome, *self._own.values()).observe(took_ms / 1000)

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.request_seconds.labels(method, route, str(status), *self._own.values()).observe(seconds)


class _State(Collector):
    """Gauges of the moment."""

    def __init__(self, application: Application, own: dict[str, str]) -> None:
        self._application = application
        self._own = own

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is read when registering."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        application, index = self._application, self._application.index
        with application.store.reading() as records:
            counts = records.tickets.counts(today=application.today())
        tickets = GaugeMetricFamily("zhengda_tickets", "Tickets by status", labels=["status"])
        for status in TicketStatus:
            tickets.add_metric([status.value.lower()], counts[status.value])
        yield tickets
        yield GaugeMetricFamily(
            "zhengda_tickets_overdue", "Tickets past their deadline", value=counts["overdue"]
        )
        yield self._of_index("zhengda_index_entries", "Entries that can be found", index.entries())
        yield self._of_index(
            "zhengda_index_sequence", "Publication that the index has reached", index.sequence
        )
        yield self._of_index(
            "zhengda_index_lag",
            "Publications that the index has not taken in yet",
            application.store.publication_seq() - index.sequence,
        )
        yield self._of_index(
            "zhengda_encoder_degraded",
            "1 while searching by words alone although an encoder is set",
            float(bool(application.encoder_problem or index.encoder_error)),
        )

    def _of_index(self, name: str, documentation: str, value: float) -> GaugeMetricFamily:
        """A gauge of this process's own index."""
        family = GaugeMetricFamily(name, documentation, labels=[*self._own])
        family.add_metric([*self._own.values()], value)
        return family


class Timing:
    """Observes how long each request takes, by route template, so that ids make no series of their own."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "") or "unmatched"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.served(method, route, status, time.perf_counter() - started)


_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
