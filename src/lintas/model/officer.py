"""Who acts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Officer:
    """A named person who acts on this node. `role` is the token's role when a token acts for them."""

    id: str
    role: str
