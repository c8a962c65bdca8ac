"""Query parameters under the names that yente gave them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from lintas.api.algorithms import BEST
from lintas.desk.screening import MAX_EXCLUDED_IDS, MAX_RESULTS, THRESHOLD
from lintas.model.filters import Filters

Many = list[str]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
OLD: JsonDict = {"deprecated": True}  # as yente says; still answered
FacetName = Literal["countries", "topics", "datasets", "schema", "identifiers", "genders"]


def _since(text: Any) -> Any:
    """An ISO date or time; without a zone it is UTC, as the times in answers are."""
    if not isinstance(text, str):
        return text
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Scope(BaseModel):
    """Which entities may come back."""

    model_config = ConfigDict(populate_by_name=True)

    include_dataset: Many = Field(
        default=[], description="Lists to ask: of `default` only these; of one list, these as well"
    )
    exclude_dataset: Many = Field(default=[], description="Entities that only these lists name do not come back")
    exclude_schema: Many = Field(default=[], description="Entities of these schemata do not come back")
    changed_since: Annotated[datetime | None, BeforeValidator(_since)] = Field(
        default=None, description="Only entities that a list added or changed since: 2026-01-31 or 2026-01-31T12:00:00"
    )

    def filters(self, **more: Any) -> Filters:
        """The same for the desk."""
        return Filters(
            include=tuple(self.include_dataset),
            exclude=tuple(self.exclude_dataset),
            exclude_schema=tuple(self.exclude_schema),
            changed_since=self.changed_since,
            **more,
        )


class MatchParameters(Scope):
    """Of /match."""

    limit: int = Field(default=5, ge=0, le=MAX_RESULTS)
    threshold: Share = Field(default=THRESHOLD, description="A score equal to it is a match")
    cutoff: Share = Field(default=THRESHOLD, json_schema_extra=OLD, description="Less does not come back")
    algorithm: str = Field(default=BEST, description="`best`, a name of yours from yente, or ours; see /algorithms")
    topics: Many = Field(default=[], description="Any of these topics: sanction, wanted, ...")
    exclude_entity_ids: Many = Field(default=[], max_length=MAX_EXCLUDED_IDS)


class SearchParameters(Scope):
    """Of /search."""

    q: str = Field(default="", description="Names, numbers or an id; plain text, in any spelling")
    schema_: str = Field(default="Thing", alias="schema")
    countries: Many = []
    topics: Many = []
    datasets: Many = []
    filter: Many = Field(default=[], description="`field:value`, such as `properties.birthDate:1975`")
    filter_op: Literal["OR", "AND"] = Field(default="OR", description="Between values of one field")
    target: bool | None = Field(default=None, json_schema_extra=OLD, description="Only those that a list is about")
    limit: int = Field(default=10, ge=0, le=MAX_RESULTS)
    offset: int = Field(default=0, ge=0)
    sort: Many = Field(default=[], description="`field`, `field:asc` or `field:desc`: caption, first_seen, ...")
    fuzzy: bool = Field(default=False, description="Accepted; a search here always allows for spelling")
    simple: bool = Field(default=False, description="Accepted; a search here has no syntax to get wrong")
    facets: list[FacetName] = ["countries", "topics", "datasets"]


class PageParameters(BaseModel):
    """Of what is adjacent."""

    limit: int = Field(default=10, ge=0, le=MAX_RESULTS)
    offset: int = Field(default=0, ge=0)
    sort: Many = Field(default=[], description="`field`, `field:asc` or `field:desc`")
