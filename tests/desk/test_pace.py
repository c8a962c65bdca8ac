"""How often an officer may ask in a minute: counted for each, given back evenly, and no limit to who works."""

import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lintas.desk import pace
from lintas.desk.pace import Pace
from lintas.model.errors import InputError, TooManyCallsError


def made(per_minute: int) -> tuple[Pace, list[float]]:
    at = [0.0]
    return Pace(per_minute, lambda: at[0]), at


def test_a_minutes_calls_may_come_at_once_and_the_next_waits() -> None:
    held, at = made(60)
    for _ in range(60):
        held.take("rina")
    with pytest.raises(TooManyCallsError) as caught:
        held.take("rina")
    assert caught.value.wait_s == 1
    held.take("sari")  # another is not kept waiting
    at[0] += caught.value.wait_s
    held.take("rina")
    with pytest.raises(TooManyCallsError):
        held.take("rina")


@example(1, [0.0, 1.02, 1.905982424818884, 0.0])
@given(st.integers(1, 500), st.lists(st.floats(0, 30), max_size=300))
def test_never_more_than_two_minutes_calls_in_a_minute_and_waiting_as_told_is_enough(
    per_minute: int, pauses: list[float]
) -> None:
    held, at = made(per_minute)
    taken = list[float]()
    for pause in pauses:
        at[0] += pause
        try:
            held.take("rina")
        except TooManyCallsError as error:
            at[0] += error.wait_s
            held.take("rina")
        taken.append(at[0])
    for end in taken:
        assert sum(end - 60 < one <= end for one in taken) <= 2 * per_minute


def test_of_many_at_once_none_is_free() -> None:
    held, _ = made(100)
    refused, start = list[int](), threading.Barrier(4)

    def ask() -> None:
        start.wait()
        for _ in range(50):
            try:
                held.take("rina")
            except TooManyCallsError:
                refused.append(1)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(refused) == 100


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "1" * 10, "\u0661"])
def test_what_is_no_number_of_calls_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        pace.configured({pace.SETTING: text})
    assert caught.value.code == "bad_pace"


def test_a_client_that_asks_one_after_another_never_waits() -> None:
    """docs/benchmarks.md: a match over HTTP takes 10.5 ms."""
    held, at = pace.configured({}), 0.0
    held.now = lambda: at
    for _ in range(60_000):
        at += 0.0105
        held.take("batch")
