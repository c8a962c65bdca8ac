"""How far something may be shared (TLP) and what may be done with it (PAP), as tags of MISP and as markings of STIX.

Labels: TLP 1 and 2.0 as FIRST has them, PAP as MISP's taxonomy of that name (version 3) has it. `white` and `clear` are
one. Of several labels on one thing the strictest counts; what has none has those of its event.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from lintas.model.errors import InputError

Marks = frozenset[str]  # tags, written as their taxonomies write them
NOTHING: Marks = frozenset()
NAMESPACE = UUID("5b4a1f8e-6d0c-4d57-9a52-2f0f9d3a7c11")  # ours; every id that is made here is derived under it
_ORDER = {  # from the freest to the strictest
    "tlp": ("tlp:white", "tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red"),
    "pap": ("PAP:WHITE", "PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED"),
}
_RANKS = {tag: max(place - 1, 0) for tags in _ORDER.values() for place, tag in enumerate(tags)}
_KNOWN = {tag.lower(): tag for tag in _RANKS}
# Marking definitions of STIX 2.1: TLP 1 (STIX 2.1, 7.2.1.4), TLP 2.0 (OASIS extension 60a3c5c5, October 2022).
_TLP = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "tlp:white",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "tlp:green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "tlp:amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "tlp:red",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "tlp:clear",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "tlp:green",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "tlp:amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "tlp:amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "tlp:red",
}
# STIX has no PAP: each label is a statement of its own, which any reader shows and ours reads into the tag again.
_PAP = {f"marking-definition--{uuid5(NAMESPACE, tag)}": tag for tag in _ORDER["pap"]}
TAGS: Mapping[str, str] = _TLP | _PAP  # the tag of each marking definition that is carried
_IDS = {tag: id for id, tag in reversed([*TAGS.items()])}  # TLP 1 where both have the label: older readers know it


def is_mark(name: str) -> bool:
    """Whether a tag or label is of one of the two."""
    return name.lower().startswith(("tlp:", "pap:"))


def of_names(names: Iterable[str]) -> Marks:
    """The marks among tags or labels. Raises InputError for one of TLP or PAP that their taxonomies do not have."""
    found = {name for name in names if is_mark(name)}
    unknown = sorted(name for name in found if name.lower() not in _KNOWN)
    if unknown:
        raise InputError(
            "It has a label of TLP or PAP that cannot be carried",
            where=unknown[0][:64],
            do="Use TLP clear, green, amber, amber+strict or red, and PAP clear, green, amber or red.",
            code="unknown_marking",
        )
    return frozenset(_KNOWN[name.lower()] for name in found)


def of_scheme(marks: Marks, scheme: str) -> Marks:
    """Those of tlp, or of pap."""
    return marks & frozenset(_ORDER[scheme])


def within(own: Marks, around: Marks) -> Marks:
    """What holds of a thing in an event: its own marks, and in a scheme of which it has none, the event's."""
    return frozenset().union(*(of_scheme(own, scheme) or of_scheme(around, scheme) for scheme in _ORDER))


def strictness(marks: Marks) -> tuple[int, ...]:
    """How strict marks are, in each scheme; -1 for no label at all."""
    return tuple(max((_RANKS[tag] for tag in of_scheme(marks, scheme)), default=-1) for scheme in _ORDER)


def is_kept(before: Marks, after: Marks) -> bool:
    """Whether nothing became freer."""
    return all(one <= other for one, other in zip(strictness(before), strictness(after), strict=True))


def beyond(own: Marks, around: Marks) -> Marks:
    """What of a thing's marks its event does not say already."""
    schemes = (scheme for scheme in _ORDER if of_scheme(own, scheme) != of_scheme(around, scheme))
    return frozenset().union(*(of_scheme(own, scheme) for scheme in schemes))


def ids(marks: Marks) -> list[str]:
    """The marking definitions that say them, in order."""
    return sorted(_IDS[tag] for tag in marks)


def statements(marks: Marks) -> list[dict[str, Any]]:
    """The definitions of PAP that STIX does not come with."""
    return [
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": _IDS[tag],
            "created": "2026-01-01T00:00:00.000Z",
            "definition_type": "statement",
            "definition": {"statement": tag},
        }
        for tag in sorted(of_scheme(marks, "pap"))
    ]
