"""What FollowTheMoney calls its schemata, properties and codes, for translators.

`python -m tests.web.ontology` brings `ontology.po` of every language up to date; what is new in it is empty.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from followthemoney import model
from followthemoney.types import registry
from followthemoney.types.common import EnumType

from lintas.web.showing import CODES
from lintas.web.words import LOCALE


def messages() -> Iterator[tuple[str, str]]:
    """(context, English words) of everything that a page may name."""
    for schema in model:
        yield "schema", str(schema.label)
        yield from (("property", str(prop.label)) for prop in schema.properties.values())
    for kind in CODES:
        codes = registry.get(kind)
        assert isinstance(codes, EnumType)
        yield from ((kind, words) for words in codes.names.values())


def template() -> Catalog:
    """An empty catalogue of them, each once, sorted."""
    catalogue = Catalog(project="Lintas", fuzzy=False)
    for context, words in sorted(set(messages())):
        catalogue.add(words, context=context)
    return catalogue


def update(path: Path, language: str, wanted: Catalog) -> None:
    """Keep what is translated, add what is new, drop what is gone."""
    with path.open("rb") as stream:
        held = read_po(stream, locale=language)
    held.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
    held.obsolete.clear()
    with path.open("wb") as target:
        write_po(target, held, width=120, omit_header=False, ignore_obsolete=True)


if __name__ == "__main__":
    for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
        update(folder / "ontology.po", folder.parent.name, template())
