"""FollowTheMoney, wrapped in one file: entities as statements, each with the value as published."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

from followthemoney import model as ftm
from followthemoney.property import Property
from followthemoney.schema import Schema
from followthemoney.types import registry

from lintas.model.dates import parse_date
from lintas.model.errors import InputError
from lintas.model.text import clean_text, storable

TARGET_TOPICS = frozenset({"sanction", "sanction.counter", "wanted", "crime.terror", "export.control"})
MAX_ID_LENGTH = 255  # characters, as FollowTheMoney's own identifier type allows
_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:@+~=-]*$")
_CAPTION_PROPS = ("name", "alias", "weakAlias", "previousName", "publicKey", "cryptoAddress", "imoNumber")


@dataclass(frozen=True, slots=True)
class Statement:
    """One value that one source states of one entity.

    `value` is cleaned; `original` is what was published, when it differs.
    `is_clean` is False for a value that could not be understood: it is kept and shown, never matched on.
    """

    prop: str
    value: str
    original: str | None = None
    is_clean: bool = True
    lang: str | None = None


@dataclass(frozen=True)
class Entity:
    """A person, organisation, vessel, sanction or link, as FollowTheMoney names them."""

    id: str
    schema: str
    statements: tuple[Statement, ...]

    @cached_property
    def properties(self) -> Mapping[str, list[str]]:
        """Clean values by property, in the order of publication, without repeats."""
        found: dict[str, dict[str, None]] = {}
        for statement in self.statements:
            if statement.is_clean:
                found.setdefault(statement.prop, {})[statement.value] = None
        return {prop: list(values) for prop, values in found.items()}

    def get(self, prop: str) -> list[str]:
        """Clean values of one property; empty when it has none."""
        return self.properties.get(prop, [])

    def first(self, prop: str) -> str | None:
        """The first clean value of one property."""
        return next(iter(self.get(prop)), None)

    @cached_property
    def caption(self) -> str:
        """The name to show: the first property of the schema's own caption list that has a value."""
        for prop in (*schema_of(self.schema).caption, *_CAPTION_PROPS):
            if value := self.first(prop):
                return value
        return self.id

    @property
    def is_target(self) -> bool:
        """Whether a list is about this entity, and not only mentions it."""
        return not TARGET_TOPICS.isdisjoint(self.get("topics"))

    @property
    def is_matchable(self) -> bool:
        """Whether a customer can be matched against this entity."""
        return schema_of(self.schema).matchable

    def values_of(self, type_name: str) -> list[str]:
        """Clean values of all properties of one FollowTheMoney type: `name`, `country`, `identifier`..."""
        props = _props_of_type(self.schema, type_name)
        return list(dict.fromkeys(v for prop, values in self.properties.items() if prop in props for v in values))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over schema and statements, whatever their order. Equal digests mean equal content."""
        lines = sorted(
            "\x1f".join((s.prop, s.value, s.original or "", str(int(s.is_clean)), s.lang or ""))
            for s in self.statements
        )
        return sha256("\x1e".join((self.id, self.schema, *lines)).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """FollowTheMoney JSON: id, caption, schema, properties."""
        return {"id": self.id, "caption": self.caption, "schema": self.schema, "properties": dict(self.properties)}


@dataclass
class Draft:
    """An entity while it is read at the border. Every `add` cleans; nothing that was published is dropped."""

    schema: str
    id: str
    _statements: dict[Statement, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        schema_of(self.schema)
        if len(self.id) > MAX_ID_LENGTH or not _ID.match(self.id):
            raise InputError(
                f"{self.id[:80]!r} cannot be the id of an entity",
                do=f"Use 1 to {MAX_ID_LENGTH} letters, digits and . _ : @ + ~ = - only.",
                code="bad_entity_id",
            )

    def add(
        self,
        prop: str,
        values: str | Iterable[str | None] | None,
        *,
        original: str | None = None,
        lang: str | None = None,
    ) -> None:
        """Add one value or several. Empty values are nothing; an unknown property is an InputError.

        A value that its type cannot clean is kept as a statement with `is_clean=False`.
        `original` is the published text when the caller took `values` out of a longer one.
        """
        rule = property_of(self.schema, prop)
        for raw in (values,) if isinstance(values, str) or values is None else values:
            text = clean_text(raw) if raw is not None else ""
            if not text:
                continue
            value = clean_value(rule, text)
            kept = text if value is None else value
            published = storable(original if original is not None else raw or "")
            statement = Statement(prop, kept, published if published != kept else None, value is not None, lang)
            self._statements[statement] = None

    def has(self, prop: str) -> bool:
        """Whether a clean value of `prop` was added."""
        return any(s.prop == prop and s.is_clean for s in self._statements)

    @property
    def unclean(self) -> tuple[Statement, ...]:
        """What was kept but not understood."""
        return tuple(s for s in self._statements if not s.is_clean)

    def build(self) -> Entity:
        """The finished entity."""
        return Entity(self.id, self.schema, tuple(self._statements))


@cache
def schema_of(name: str) -> Schema:
    """The FollowTheMoney schema of that name. Raises InputError when there is none."""
    schema = ftm.get(name)
    if schema is None:
        raise InputError(
            f"{name[:80]!r} is not a schema of FollowTheMoney",
            do="Use Person, Organization, Company, LegalEntity, Vessel, Airplane, CryptoWallet or another of them.",
            code="unknown_schema",
        )
    return schema


@cache
def property_of(schema: str, prop: str) -> Property:
    """The property of that name. Raises InputError when the schema has none."""
    found = schema_of(schema).get(prop)
    if found is None or found.stub:
        raise InputError(
            f"{schema} has no property {prop[:80]!r}",
            do="Use a property of that FollowTheMoney schema.",
            code="unknown_property",
        )
    return found


@cache
def _props_of_type(schema: str, type_name: str) -> frozenset[str]:
    return frozenset(name for name, p in schema_of(schema).properties.items() if p.type.name == type_name)


@cache
def matchable_schemata(name: str) -> frozenset[str]:
    """The schemata that an entity of schema `name` may be compared with, both ways of kinship."""
    wanted = schema_of(name)
    return frozenset(s.name for s in ftm if s.matchable and (s.is_a(wanted) or wanted.is_a(s)))


def clean_value(rule: Property, text: str) -> str | None:
    """`text` as the property's type writes it; None when it is no such value. Dates go through `parse_date`."""
    if rule.type == registry.date:
        return parse_date(text)
    if rule.type == registry.entity:
        return text if _ID.match(text) and len(text) <= MAX_ID_LENGTH else None
    if len(text) > max(rule.max_length, MAX_ID_LENGTH):
        return None
    value = rule.type.clean(text, format=rule.format)
    # The limit is on what is kept: "United Arab Emirates" is longer than a country code may be, "ae" is not.
    return None if value is None or len(value) > rule.max_length else value


def value_words(type_name: str, value: str) -> str:
    """A code in words, such as a country or a topic; any other value as it is."""
    return registry.get(type_name).caption(value) or value


def entity_from_dict(data: Mapping[str, Any]) -> Draft:
    """Read one FollowTheMoney object; statement by statement, as any other border.

    Raises InputError when it is not one: no id, no schema, properties that are no lists of text.
    """
    schema, properties, entity_id = data.get("schema"), data.get("properties", {}), data.get("id")
    if not isinstance(schema, str) or not isinstance(entity_id, str) or not isinstance(properties, Mapping):
        raise InputError(
            "This is not a FollowTheMoney entity",
            do='An entity is an object with "id" and "schema" (text) and "properties" (lists of text).',
            code="not_an_entity",
        )
    draft = Draft(schema, entity_id)
    for prop, values in properties.items():
        draft.add(str(prop), list(_texts(prop, values)))
    return draft


def _texts(prop: str, values: Any) -> Iterator[str]:
    for value in values if isinstance(values, list | tuple) else [values]:
        if isinstance(value, Mapping) and isinstance(value.get("id"), str):
            yield value["id"]  # a nested entity stands for its id
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield str(value)
        elif value is not None:
            raise InputError(
                f"A value of {str(prop)[:80]!r} is neither text nor a number",
                do="Write each value as text.",
                code="bad_value",
            )
