"""What of a message's handling MISP can say. What it cannot say its readers would not heed: then nothing is written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lintas.exchange.misp import markings
from lintas.model.errors import InputError
from lintas.model.handling import TLP, USES, Handling

ANYBODY = "anybody"  # what `onward` or a consent names when everybody may have it: a feed is read by whoever finds it
# A feed that others wrote goes on only under these, whoever agreed: amber and above name whom it is for.
FROM_OTHERS = ("clear", "green")


@dataclass(frozen=True)
class Field:
    """A field of a handling. `why`: what is said when its value cannot be carried."""

    name: str
    is_carried: Callable[[Handling], bool]
    why: str


FIELDS = (
    Field("tlp", lambda held: held.tlp != "red", "TLP:RED is for named persons, and a feed names nobody."),
    Field("codes", lambda held: not held.codes, "MISP has no handling codes: H1, H2 and H3 would be lost."),
    Field("uses", lambda held: held.uses == set(USES), "MISP cannot limit what information is used for."),
    Field(
        "onward",
        lambda held: held.onward is not None and ANYBODY in held.onward,
        f"MISP cannot ask its readers to ask first: a feed takes what may go on to {ANYBODY}.",
    ),
    Field("court", lambda held: held.court == "free", "MISP cannot keep information out of court."),
    Field("retain_until", lambda held: held.retain_until is None, "MISP does not delete on a day."),
    Field("caveats", lambda held: not held.caveats, "MISP has no caveats that its readers must heed."),
)


def tags(handling: Handling) -> list[str]:
    """A handling as tags. Raises InputError for one that MISP cannot say in full."""
    lost = [field for field in FIELDS if not field.is_carried(handling)]
    if lost:
        raise InputError(
            "MISP cannot say how this is to be handled",
            where=" ".join(field.why for field in lost),
            do="Send it to each agency as a message, or under a handling without these.",
            code="not_expressible",
        )
    return [f"tlp:{handling.tlp}"]


def read(tags: Iterable[str]) -> Handling:
    """The handling that tags say; without TLP amber, as of any message. Raises InputError for a label that is none."""
    marks = markings.of_names(tags)
    rank = markings.strictness(marks)[0]
    tlp = "amber" if rank < 0 else TLP[rank]
    return Handling(tlp=tlp, onward=frozenset({ANYBODY}), court="free")
