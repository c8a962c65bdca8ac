"""Two fictional agencies, and messages between them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lintas.exchange import keys
from lintas.model.handling import Handling
from lintas.model.message import Message

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ARUNIA = keys.Card("xa.fiu", "Financial Intelligence Unit of Arunia", "", keys.made(NOW))
BELUGA = keys.Card("xb.police", "Police of Beluga", "", keys.made(NOW))
REQUEST = {
    "subject": "Accounts of Hantu Trading",
    "facts": "It received 14 transfers from victims of a fraud.",
    "reasons": "The money went on to a bank in your state.",
    "asked": "Accounts held by Hantu Trading since 2025.",
    "intended_use": "To trace and freeze what is left.",
}


def message(type: str = "request", body: dict[str, Any] | None = None, **changes: Any) -> Message:
    """A message from Arunia to Beluga."""
    made = Message(
        id="m-1",
        type=type,
        thread="t-1",
        seq=1,
        issuer=ARUNIA.id,
        recipient=BELUGA.id,
        use="investigation",
        handling=Handling(),
        at=NOW,
        expires_at=NOW + timedelta(days=30),
        body=REQUEST if body is None else body,
    )
    return replace(made, **changes)
