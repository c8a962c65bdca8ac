"""The name normaliser: one name in any script to the words that are compared.

Screening and private matching both go through here, so two nodes agree on a name exactly when they run
the same NORMALISER_VERSION. Any change of output is a new version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from normality import ascii_text
from rigour.names import extract_org_types, remove_person_prefixes, replace_org_types_compare, tokenize_name
from rigour.text import metaphone

from lintas.model.entity import schema_of

NORMALISER_VERSION = "names-1"
MAX_NAME_LENGTH = 512  # characters; the longest name on UN, OFAC, EU and UK lists is under 400
MAX_TOKENS = 32

# Words that join the parts of a name and are left out or written together as often as not.
PARTICLES = frozenset(
    "al el ul bin ibn ben binti binte bint bt anak al de da del della der den van von la le of the and dan und et y e"
    " s o a l p d".split()
)


@dataclass(frozen=True, slots=True)
class NameForm:
    """A name as it is compared: words in order, the legal form apart, titles taken off."""

    tokens: tuple[str, ...]
    forms: tuple[str, ...]
    titles: tuple[str, ...]
    joined: str  # the words without spaces: `abdul rahman` and `abdulrahman` are one
    ordered: str  # the words in the order of the alphabet
    has_digits: bool


def name_form(tokens: Sequence[str], forms: Sequence[str] = (), titles: Sequence[str] = ()) -> NameForm:
    """A name from its words."""
    joined = "".join(tokens)
    has_digits = any(c.isdigit() for c in joined)
    return NameForm(tuple(tokens), tuple(forms), tuple(titles), joined, " ".join(sorted(tokens)), has_digits)


@lru_cache(maxsize=65_536)
def normalise_name(name: str, schema: str) -> NameForm:
    """Fold case, script and marks; set titles (persons) and legal forms (organisations) apart.

    A script that cannot be written in Latin letters here (Khmer, Lao) keeps its own letters, so that equal
    names still meet. `schema` is a FollowTheMoney schema name and decides what can be a title or a form.
    """
    folded = name[:MAX_NAME_LENGTH].casefold()
    forms: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    if _can_be(schema, "Person"):
        bare = remove_person_prefixes(folded)
        if tokens_of(bare):
            titles = tuple(tokens_of(folded)[: -len(tokens_of(bare))])
            folded = bare
    if _can_be(schema, "Organization"):
        folded = replace_org_types_compare(folded)
        found = tuple(dict.fromkeys(form for _, form in extract_org_types(folded)))
        forms = tuple(token for form in found for token in tokens_of(form))
    tokens = tokens_of(folded)
    kept = tuple(token for token in tokens if token not in forms)
    if not kept:  # a name that is nothing but a legal form is compared as it is
        return name_form(tokens, (), titles)
    return name_form(kept, forms, titles)


def tokens_of(text: str) -> list[str]:
    """Words of `text` in Latin letters where the script can be written so, at most MAX_TOKENS."""
    latin = text if text.isascii() else (ascii_text(text) or "")
    if "?" in latin and "?" not in text:
        latin = text
    return tokenize_name(latin.casefold())[:MAX_TOKENS] or tokenize_name(text)[:MAX_TOKENS]


def written_words(name: str) -> dict[str, str]:
    """The words of `name` as written, by the word they are compared as; those that become several are left out."""
    found: dict[str, str] = {}
    for word in name[:MAX_NAME_LENGTH].split():
        tokens = tokens_of(word.casefold())
        if len(tokens) == 1:
            found[tokens[0]] = word.strip(",;")
    return found


@lru_cache(maxsize=262_144)
def sound(token: str) -> str:
    """Metaphone of a word; empty for words that are not in Latin letters."""
    return metaphone(token) if token.isascii() and token.isalpha() else ""


@cache
def _can_be(schema: str, other: str) -> bool:
    mine, theirs = schema_of(schema), schema_of(other)
    return mine.is_a(theirs) or theirs.is_a(mine)
