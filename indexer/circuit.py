"""A circuit breaker: what failed several times in a row is left alone for a while, then tried once.

Without one, a service that hangs costs every question its whole time limit. See M. Nygard, "Release It!", 2nd edition,
"Circuit Breaker".
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpen(Exception):
    """The call was not made; the message says what went wrong the last time."""


class Circuit:
    """Closed, every call is made. After `allowed` failures in a row it is open for `rest` seconds: no call is made.

    Then one caller tries, the others are still refused: success closes the circuit, failure opens it for as long
    again. Safe to share between threads. `clock` gives seconds that only grow.
    """

    def __init__(
        self, allowed: int = 3, rest: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.allowed = allowed
        self.rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._trying = False
        self._last = ""

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around a call: whatever is raised inside counts as a failure. Raises CircuitOpen instead of entering."""
        trial = self._enter()
        try:
            yield
        except BaseException as error:
            self._failed(trial, str(error))
            raise
        self._succeeded()

    def _enter(self) -> bool:
        """Whether the call that may now be made is the trial."""
        with self._lock:
            if self._opened_at is None:
                return False
            if self._trying or self._clock() - self._opened_at < self.rest:
                raise CircuitOpen(self._last)
            self._trying = True
            return True

    def _failed(self, trial: bool, why: str) -> None:
        with self._lock:
            self._failures += 1
            self._last = why
            if trial:
                self._trying = False
            # Calls made before it opened may fail after: they do not make the rest longer.
            if trial or (self._opened_at is None and self._failures >= self.allowed):
                self._opened_at = self._clock()

    def _succeeded(self) -> None:
        with self._lock:
            self._failures, self._opened_at, self._trying, self._last = 0, None, False, ""
