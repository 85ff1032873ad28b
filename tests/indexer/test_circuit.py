"""What failed three times in a row is left alone for thirty seconds, then tried once."""

import threading
from dataclasses import dataclass

import pytest

from indexer.circuit import Circuit, CircuitOpen


@dataclass
class Clock:
    """Seconds that a test moves on."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit(clock=clock)


def fail(circuit: Circuit, times: int = 1) -> None:
    for number in range(times):
        with pytest.raises(OSError, match="hung"), circuit.call():
            raise OSError(f"hung {number}")


def called(circuit: Circuit) -> bool:
    """Whether a call that would succeed was made."""
    try:
        with circuit.call():
            return True
    except CircuitOpen:
        return False


def test_two_failures_are_no_reason_to_stop(circuit: Circuit) -> None:
    fail(circuit, 2)
    assert called(circuit)


def test_a_success_between_failures_begins_the_count_anew(circuit: Circuit) -> None:
    for _ in range(5):
        fail(circuit, 2)
        assert called(circuit)


def test_after_three_failures_in_a_row_no_call_is_made(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, 3)
    clock.now += 29.9
    with pytest.raises(CircuitOpen, match="hung 2"), circuit.call():
        pytest.fail("the call was made")


def test_after_the_rest_one_success_closes_it(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, 3)
    clock.now += 30
    assert called(circuit)
    fail(circuit, 2)
    assert called(circuit)


def test_after_the_rest_one_failure_opens_it_for_as_long_again(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, 3)
    clock.now += 30
    fail(circuit)
    clock.now += 29.9
    assert not called(circuit)
    clock.now += 0.1
    assert called(circuit)


def test_while_one_tries_the_others_are_refused(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, 3)
    clock.now += 30
    with circuit.call():
        assert not called(circuit)
    assert called(circuit)


def test_a_trial_that_is_broken_off_leaves_room_for_the_next(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, 3)
    clock.now += 30
    with pytest.raises(KeyboardInterrupt), circuit.call():
        raise KeyboardInterrupt
    clock.now += 30
    assert called(circuit)


def test_calls_that_were_on_their_way_do_not_make_the_rest_longer(circuit: Circuit, clock: Clock) -> None:
    on_its_way = circuit.call()
    on_its_way.__enter__()
    fail(circuit, 3)
    clock.now += 20
    late = OSError("late")
    assert not on_its_way.__exit__(OSError, late, None)
    clock.now += 10
    assert called(circuit)


def test_of_many_threads_one_tries(circuit: Circuit, clock: Clock) -> None:
    fail(circuit, 3)
    clock.now += 30
    ready, hold, made = threading.Barrier(8), threading.Event(), list[bool]()

    def ask() -> None:
        ready.wait()
        try:
            with circuit.call():
                hold.wait(10)
                made.append(True)
        except CircuitOpen:
            made.append(False)
            if len(made) == 7:
                hold.set()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (made.count(True), made.count(False)) == (1, 7)
