"""Whether what one node told another may be told to a third: its handling, and the consent of who told it."""

from lintas.model.errors import InputError
from lintas.model.handling import Handling


def require(
    source: Handling, originator: str, *, to: str, under: Handling, has_consent: bool, is_recalled: bool
) -> None:
    """Let something of a message go to a node `under` a handling. Raises InputError: not_released, freer_than_source.

    `has_consent`: its originator agreed to this node. Back to the originator it may always go.
    """
    if is_recalled:
        raise _not_released("it was recalled")
    if to == originator:
        return
    if not under.is_within(source):
        raise InputError(
            "The handling is freer than that of what it rests on",
            do="Choose at least as strict a label, code, use, court use, day and caveat in every field.",
            code="freer_than_source",
        )
    if not has_consent and not source.may_go_on(to):
        raise _not_released(f"{originator} did not agree that {to[:64]} has it")


def _not_released(why: str) -> InputError:
    return InputError(
        "What this rests on may not be handed on",
        where=why,
        do="Ask its originator for consent in its thread, or leave it out.",
        code="not_released",
    )
