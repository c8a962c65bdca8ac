"""A customer beside a listed entity, field by field, and what speaks for and against it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lintas.desk.runs import MatchView
from lintas.model.match import Match, Reason
from lintas.web.showing import Showing
from lintas.web.words import N_


@dataclass(frozen=True)
class Kind:
    """A field: the properties that hold it on either side, and the features that read it."""

    words: str
    props: tuple[str, ...]
    features: tuple[str, ...] = ()


def _kind(words: str, props: str, features: str = "") -> Kind:
    return Kind(words, tuple(props.split()), tuple(features.split()))


_DATE_FEATURES = "date_same_day date_same_year date_other_day date_other_year"
_COUNTRIES = "nationality citizenship country jurisdiction mainCountry flag birthCountry"
_DOCUMENTS = (
    "passportNumber idNumber socialSecurityNumber taxNumber vatCode innCode registrationNumber ogrnCode uscCode "
    "licenseNumber"
)
KINDS = (
    _kind(N_("Names"), "name alias previousName weakAlias"),
    _kind(N_("Born"), "birthDate", _DATE_FEATURES),
    _kind(N_("Founded or built"), "incorporationDate buildDate", _DATE_FEATURES),
    _kind(N_("Country"), _COUNTRIES, "country_same country_differs"),
    _kind(N_("Gender"), "gender", "gender_differs"),
    _kind(N_("Documents"), _DOCUMENTS, "document_match"),
    _kind(N_("IMO number"), "imoNumber", "imo_match imo_differs"),
    _kind(N_("MMSI"), "mmsi", "mmsi_match"),
    _kind(N_("Call sign"), "callSign", "call_sign_match"),
    _kind(N_("Wallet"), "publicKey cryptoAddress cryptoWallets", "wallet_match"),
    _kind(N_("Account"), "accountNumber iban", "account_match"),
    _kind(N_("LEI"), "leiCode", "lei_match lei_differs"),
    _kind(N_("BIC"), "swiftBic bic", "bic_match"),
    _kind(N_("Serial number"), "serialNumber", "serial_match"),
    _kind(N_("E-mail"), "email", "email_match"),
    _kind(N_("Phone"), "phone", "phone_match"),
    _kind(N_("Birthplace"), "birthPlace"),
    _kind(N_("Address"), "address"),
    _kind(N_("Work"), "position title"),
)
NAME_FEATURES = ("name_match", "weak_alias_match", "no_name_agrees")
# What an officer asks first has a line even when one side lacks it; the rest only when both sides have it.
ASKED_FIRST = ("Names", "Born", "Founded or built", "Country", "Gender")

# How two words met: the look of their boxes, and the words between and under them.
RELATIONS: Mapping[str, tuple[str, str, str]] = {
    "same": ("same", N_("same word"), ""),
    "spelling": ("near", N_("two spellings"), N_("letters or sound are near")),
    "initial": ("near", N_("initial"), N_("one letter only")),
    "form": ("near", N_("legal form"), N_("weighs little")),
    "title": ("alone", N_("title"), N_("left out")),
    "only_query": ("alone", N_("only customer"), N_("not in the listed name")),
    "only_listed": ("alone", N_("only on list"), N_("not in the customer's name")),
}


@dataclass(frozen=True)
class Box:
    """Two words of two names that met, ready to show."""

    look: str
    query: str | None
    listed: str | None
    relation: str
    remark: str
    score: float


@dataclass(frozen=True)
class Field:
    """One line of the table. `sign`: = agrees, × differs, ~ not scored, – cannot be compared."""

    words: str
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    sign: str
    reading: str
    remark: str


@dataclass(frozen=True)
class Weighing:
    """What speaks for and against on one scale. `n_max`: the longest bar."""

    supports: tuple[Reason, ...]
    against: tuple[Reason, ...]
    longest: float

    @property
    def sums(self) -> tuple[float, float]:
        """What each side adds up to."""
        return sum(r.contribution for r in self.supports), sum(r.contribution for r in self.against)


def boxes(match: Match) -> list[Box]:
    """The words of the two names that met best."""
    pairs = next((reason.tokens for reason in match.reasons if reason.tokens), ())
    return [
        Box(look, pair.query, pair.listed, relation, remark, pair.score)
        for pair in pairs
        for look, relation, remark in [RELATIONS.get(pair.relation, ("near", pair.relation, ""))]
    ]


def names(match: Match) -> Reason | None:
    """The reason that compared the names."""
    return next((reason for reason in match.reasons if reason.feature in NAME_FEATURES), None)


def weigh(match: Match) -> Weighing:
    """Reasons by side, the heaviest first."""
    held = sorted(match.reasons, key=lambda reason: -abs(reason.contribution))
    longest = max((abs(reason.contribution) for reason in held), default=1.0) or 1.0
    return Weighing(
        tuple(r for r in held if r.contribution >= 0), tuple(r for r in held if r.contribution < 0), longest
    )


def fields(view: MatchView, say: Showing) -> tuple[list[Field], list[Field]]:
    """Every field that either side has; apart, those that one side lacks and nobody asks for first."""
    mine, theirs = view.customer.entity, view.document or {"schema": "Thing", "properties": {}}
    reasons = {reason.feature: reason for reason in view.found.match.reasons}
    held = {prop: values for entity in view.customer.holds for prop, values in entity.properties.items()}
    ours = _in_words(mine.schema, {**held, **mine.properties}, say)
    found = list(_fields(ours, _in_words(theirs["schema"], theirs["properties"], say), reasons))
    aside = [one for one in found if one.words not in ASKED_FIRST and not (one.mine and one.theirs)]
    return [one for one in found if one not in aside], aside


def _fields(
    mine: Mapping[str, Sequence[str]], theirs: Mapping[str, Sequence[str]], reasons: Mapping[str, Reason]
) -> Iterator[Field]:
    for kind in KINDS:
        a, b = _values(mine, kind.props), _values(theirs, kind.props)
        if a or b:
            reason = next((reasons[feature] for feature in kind.features if feature in reasons), None)
            sign, reading, remark = _reading(kind, a, b, reason)
            yield Field(kind.words, a, b, sign, reading, remark)


def _reading(kind: Kind, a: Sequence[str], b: Sequence[str], reason: Reason | None) -> tuple[str, str, str]:
    if kind.words == "Names":
        return "", N_("See above"), ""
    if not a or not b:
        return "–", N_("Not comparable"), N_("the list gives none") if a else N_("the customer file gives none")
    if reason is not None:
        return ("=", N_("Agrees"), reason.words) if reason.contribution > 0 else ("×", N_("Differs"), reason.words)
    if {value.casefold() for value in a} & {value.casefold() for value in b}:
        return "=", N_("Agrees"), N_("not scored")
    return "~", N_("Not the same"), N_("not scored; such values change or are written in many ways")


def _in_words(schema: str, held: Mapping[str, Sequence[str]], say: Showing) -> dict[str, list[str]]:
    return {prop: [say.in_words(schema, prop, value) for value in values] for prop, values in held.items()}


def _values(held: Mapping[str, Sequence[str]], props: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for prop in props for value in held.get(prop, ())))


def innocent(view: MatchView) -> list[str]:
    """The innocent reading: what a careful officer says against taking the score for a finding."""
    match = view.found.match
    features = {reason.feature for reason in match.reasons if reason.contribution > 0}
    lines = list[str]()
    if features <= set(NAME_FEATURES):
        lines.append(N_("Nothing but the name agrees. Names are shared by many people and companies."))
    elif features <= {*NAME_FEATURES, "country_same"}:
        lines.append(N_("Only name and country agree. Many people of one country share a name."))
    if "weak_alias_match" in features:
        lines.append(N_("The name that agrees is an alias that the publisher itself calls weak."))
    if features == {"date_same_year", "name_match"} or "date_same_year" in features:
        lines.append(N_("The dates agree only as far as the less precise one goes."))
    mine, theirs = view.customer.entity.properties, (view.document or {}).get("properties", {})
    if match.schema == "Person" and not mine.get("birthDate"):
        lines.append(N_("There is no birth date to compare: the customer file gives none."))
    elif match.schema == "Person" and not theirs.get("birthDate"):
        lines.append(N_("There is no birth date to compare: the list gives none."))
    if any(box.look == "near" for box in boxes(match)):
        lines.append(N_("At least one word of the name is only near, not the same."))
    if any(reason.contribution < 0 for reason in match.reasons):
        lines.append(N_("Some of what can be compared speaks against it."))
    if view.document is None:
        lines.append(N_("The entry was removed from the list since the run."))
    return lines
