"""A message as it came in."""

from dataclasses import dataclass

from lintas.model.message import Message
from lintas.store.messages import Thread


@dataclass(frozen=True)
class Came:
    """`number`: under which it is kept. `beside`: what travelled with it, opened."""

    thread: Thread
    number: int
    message: Message
    beside: tuple[bytes, ...]
