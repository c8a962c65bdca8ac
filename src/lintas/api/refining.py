"""The words of the Reconciliation API: what OpenRefine sends, and types and settings as it reads them."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from lintas.desk.screening import MAX_RESULTS, Question
from lintas.model.entity import schema_of

ANYTHING = "Thing"
SETTINGS = [
    {
        "name": "limit",
        "label": "Limit",
        "type": "number",
        "default": 0,
        "help_text": "At most so many values of a row; 0 for all.",
    },
    {
        "name": "render",
        "label": "Values",
        "type": "select",
        "default": "caption",
        "help_text": "As people read them (Myanmar) or as programs do (mm).",
        # The specification says `value`, yente says `id`.
        "choices": [
            {"value": "caption", "id": "caption", "name": "For people"},
            {"value": "raw", "id": "raw", "name": "For programs"},
        ],
    },
]


class PropertyFilter(BaseModel):
    """A column of the row. `pid`: a property, with or without its schema: birthDate, Person:birthDate."""

    pid: str
    v: Any = None


class Row(BaseModel):
    """What is asked of one row."""

    query: str | None = None
    type: str | list[str] | None = None
    limit: int = Field(default=5, ge=0, le=MAX_RESULTS)
    properties: list[PropertyFilter] = []

    def question(self) -> Question:
        """The same for the desk; of several types the first, as with yente."""
        types = [self.type] if isinstance(self.type, str) else self.type or []
        properties: dict[str, list[Any]] = {"name": [self.query]} if self.query else {}
        for column in self.properties:
            properties.setdefault(column.pid.rpartition(":")[2], []).extend(_values(column.v))
        return Question(types[0] if types else ANYTHING, properties)


class PropertySettings(BaseModel):
    """How values are given out."""

    limit: int = Field(default=0, ge=0)
    render: Literal["caption", "raw"] = "caption"


class WantedProperty(BaseModel):
    """A property whose values are wanted."""

    id: str
    settings: PropertySettings = PropertySettings()


class Extension(BaseModel):
    """Entities and the properties to add to their rows."""

    ids: list[str]
    properties: list[WantedProperty]


def typed(schema: str) -> dict[str, str]:
    """A schema as a type."""
    rule = schema_of(schema)
    return {"id": rule.name, "name": rule.plural, "description": rule.description or rule.label}


def _values(value: Any) -> list[Any]:
    """The texts of a cell; a cell that is reconciled already stands for its name."""
    if isinstance(value, list):
        return [text for one in value for text in _values(one)]
    if isinstance(value, dict):
        return [value.get("name") or value.get("id")]
    return [str(value) if isinstance(value, bool) else value]
