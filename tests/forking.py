"""Children of the tests' process, made while nothing in it works.

Nodes that are served for many tests look for work in threads of their own, and a child that is made while one of them
holds a lock of SQLite waits for that lock for ever.
"""

import functools
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkProcess
from typing import Any, TypeVar

Work = TypeVar("Work", bound=Callable[..., Any])
_FORKING = multiprocessing.get_context("fork")
_CHANGED = threading.Condition()
_working = 0
_is_still = False
PATIENCE_S = 60


def forked(target: Callable[..., object], *args: Any) -> ForkProcess:
    """A child that does something, started."""
    child = _FORKING.Process(target=target, args=args)
    with _stillness():
        child.start()
    return child


def waiting(work: Work) -> Work:
    """The same work, which does not begin while a child is made, and is not under way then."""

    @functools.wraps(work)
    def done(*args: Any, **given: Any) -> Any:
        global _working  # noqa: PLW0603
        with _CHANGED:
            _CHANGED.wait_for(lambda: not _is_still, PATIENCE_S)
            _working += 1
        try:
            return work(*args, **given)
        finally:
            with _CHANGED:
                _working -= 1
                _CHANGED.notify_all()

    return done  # type: ignore[return-value]


@contextmanager
def _stillness() -> Iterator[None]:
    global _is_still  # noqa: PLW0603
    with _CHANGED:
        _is_still = True
        is_still = _CHANGED.wait_for(lambda: _working == 0, PATIENCE_S)
    try:
        assert is_still, "a node of the tests works on and on; a child made now might wait for its locks"
        yield
    finally:
        with _CHANGED:
            _is_still = False
            _CHANGED.notify_all()
