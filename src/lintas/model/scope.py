"""Which rows an officer may see: a condition on the fields of a row, as plain data. The store turns it into SQL."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Every:
    """All of the parts hold; with no part it holds always."""

    parts: tuple["Scope", ...] = ()


@dataclass(frozen=True)
class Either:
    """One of the parts holds; with no part it holds never."""

    parts: tuple["Scope", ...] = ()


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Scope"


@dataclass(frozen=True)
class Field:
    """A field compared with a value. `test`: == <= >= < > is-one-of, or has (the field is there)."""

    name: str
    test: str
    value: str | int | bool | tuple[str | int, ...] | None = None


Scope = Every | Either | Not | Field
EVERYTHING, NOTHING = Every(), Either()
