"""What the columns of a file are read as: by an officer's mapping, by their usual names, or not at all."""

from collections.abc import Mapping, Sequence
from functools import cache

from lintas.model.customer import ColumnUse
from lintas.model.entity import matchable_schemata, schema_of
from lintas.model.errors import InputError
from lintas.reference import columns
from lintas.sources.customers.ftm_lines import OWN_KEYS
from lintas.sources.customers.table import Table, column_name

IGNORE = "ignore"
NAME_PARTS = ("firstName", "middleName", "lastName")
_SHOWN = 40  # columns that an error message lists


def uses(table: Table, mapping: Mapping[str, str], name: str) -> tuple[ColumnUse, ...]:
    """How every column is read. `mapping` is {column header: property, `id`, `schema` or `ignore`}.

    Raises InputError for a mapping that names no column of the file or no property, and for a file
    in which nothing could be screened by.
    """
    _check_mapping(mapping, table.header, name)
    found = tuple(_use(index, column, table.kind, mapping) for index, column in enumerate(table.header))
    if not any(use.prop is not None and is_screenable(use.prop) for use in found):
        raise _nothing_to_screen_by(found, name)
    return found


def is_known(column: str, mapping: Mapping[str, str]) -> bool:
    """Whether a column of that header would be read."""
    return column in mapping or columns.property_for(column) is not None


@cache
def properties() -> Mapping[str, frozenset[str]]:
    """Property: FollowTheMoney types that it has in the schemata of customers."""
    found: dict[str, frozenset[str]] = {}
    for schema in sorted(matchable_schemata("Thing")):
        for prop in schema_of(schema).properties.values():
            if not prop.stub:
                found[prop.name] = found.get(prop.name, frozenset()) | {prop.type.name}
    return found


def is_screenable(prop: str) -> bool:
    """Whether a customer can be found by a value of this property: a name, a part of one, or an identifier."""
    return prop in NAME_PARTS or not properties().get(prop, frozenset()).isdisjoint(("name", "identifier"))


def _use(index: int, column: str, kind: str, mapping: Mapping[str, str]) -> ColumnUse:
    label = column or column_name(index)
    if label in mapping:
        prop = mapping[label]
        return ColumnUse(label, None if prop == IGNORE else prop, "given")
    if not column:
        return ColumnUse(label, None, "empty")
    if kind == "ftm":
        read = column if column in properties() or index < len(OWN_KEYS) else None
    else:
        read = columns.property_for(column)
    return ColumnUse(label, read, "unknown" if read is None else "usual_name")


def _check_mapping(mapping: Mapping[str, str], header: Sequence[str], name: str) -> None:
    labels = {column or column_name(index) for index, column in enumerate(header)}
    for column, prop in mapping.items():
        if column not in labels:
            raise InputError(
                f"The mapping names a column {column[:80]!r}, which the file does not have",
                where=name,
                do=f"Its columns are: {_listed(list(labels))}.",
                code="unknown_column",
            )
        if prop not in (*OWN_KEYS, IGNORE) and prop not in properties():
            raise InputError(
                f"The mapping reads column {column[:80]!r} as {prop[:80]!r}, which is no property of a customer",
                where=name,
                do="Use a property of FollowTheMoney such as name, birthDate, passportNumber or imoNumber, or id, "
                "schema or ignore.",
                code="unknown_property",
            )


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(repr(label[:80]) for label in labels[:_SHOWN])
    return f"{shown} and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else shown


def _nothing_to_screen_by(found: Sequence[ColumnUse], name: str) -> InputError:
    return InputError(
        f"No column holds a name or an identifier; the columns are: {_listed([use.column for use in found])}",
        where=name,
        do=f'Say what they are, for example {{"{found[0].column[:40]}": "name"}}, or name them in the first row: '
        "name, birthDate, nationality, idNumber...",
        code="no_screenable_column",
    )
