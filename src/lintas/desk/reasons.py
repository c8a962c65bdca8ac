"""What officers give as the reason of an act: as any database takes it, and no longer than anybody reads."""

from lintas.model.text import storable

MIN_REASON, MAX_REASON = 3, 2000  # characters; ours


def cleaned(text: str) -> str:
    """A reason as it is kept."""
    return storable(text).strip()[:MAX_REASON]
