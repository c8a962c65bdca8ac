"""The words that translators get, and what they gave back."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import assume, given
from hypothesis import strategies as st

import lintas
from lintas.web import words
from tests.web import ontology, rooms

pytestmark = pytest.mark.xdist_group("web")
ROOT = Path(lintas.__file__).parent
POT = words.LOCALE / "lintas.pot"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%n|%%|\{\d\}")
LANGUAGES = sorted(place.parent.name for place in words.LOCALE.glob("*/LC_MESSAGES"))


def test_indonesian_is_one_of_the_languages() -> None:
    assert LANGUAGES == ["id"]
    assert set(words.catalogues()) == {"en", "id"}


def test_the_template_of_words_is_up_to_date(tmp_path: Path) -> None:
    """`make messages` writes it."""
    made = tmp_path / "lintas.pot"
    mapping = ROOT / "web/locale/babel.cfg"
    options = f"-q extract --project Lintas --no-location --sort-output -k Feature:2 -F {mapping} -o {made} {ROOT}"
    command = [str(Path(sys.executable).parent / "pybabel"), *options.split()]
    subprocess.run(command, check=True, timeout=60)
    assert _ids(_read(made)) == _ids(_read(POT)), "run: make messages"


def test_reasons_are_among_them() -> None:
    held = _ids(_read(POT))
    for reason in ("Names agree", "Dates differ by more than a year", "Same document number"):
        assert (None, (reason,)) in held


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", [*words.DOMAINS, words.ROOMS])
def test_a_language_is_complete(language: str, domain: str) -> None:
    """Nothing missing, left over, empty or fuzzy; the same placeholders; as many forms as the language has."""
    wanted = {"lintas": lambda: _read(POT), "ontology": ontology.template, "rooms": rooms.template}[domain]()
    held = _read(words.LOCALE / language / "LC_MESSAGES" / f"{domain}.po", language)
    assert _ids(held) == _ids(wanted), "run: make messages, and translate"
    assert not held.obsolete
    for message in held:
        if message.id:
            assert not message.fuzzy, message.id
            assert all(_forms(message)), message.id
            assert len(_forms(message)) == (held.num_plurals if message.pluralizable else 1), message.id
            most = _texts(message.id)[-1]
            for form in _forms(message):
                assert sorted(PLACEHOLDER.findall(form)) == sorted(PLACEHOLDER.findall(most)), message.id
                assert (form[:1].isspace(), form[-1:].isspace()) == (most[:1].isspace(), most[-1:].isspace())


def test_indonesian_has_one_form_for_any_number() -> None:
    held = words.catalogues()["id"]
    forms = {held.ngettext("%(n)s row", "%(n)s rows", n) for n in (0, 1, 2, 5, 100)}
    assert forms == {"%(n)s baris"}


def test_what_the_ontology_says_depends_on_where_it_is_said() -> None:
    held = words.catalogues()["id"]
    assert held.pgettext("country", "Myanmar") == "Myanmar"
    assert held.pgettext("language", "Burmese") == "Burma"
    assert held.pgettext("property", "Weak alias") == "Alias lemah"
    assert held.pgettext("schema", "no such schema") == "no such schema"


@pytest.mark.parametrize(
    ("chosen", "header", "language"),
    [
        ("", "", "en"),
        ("", "id", "id"),
        ("", "id-ID,en;q=0.5", "id"),
        ("", "fr, id;q=0.1", "id"),
        ("", "en;q=0.2,id;q=0.9", "id"),
        ("", "xx;q=", "en"),
        ("en", "id", "en"),
        ("ID", "en", "id"),
        ("../id", "id", "id"),
        ("fr", "en", "en"),
    ],
)
def test_a_choice_goes_before_what_the_browser_says(chosen: str, header: str, language: str) -> None:
    assert words.preferred(chosen, header, ("en", "id")) == language


def test_a_catalogue_is_taken_up_as_it_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    fuzzy = '#, fuzzy\nmsgid "Lists"\nmsgstr "?"\n'
    (folder / "lintas.po").write_text(f'{head}msgid "Find"\nmsgstr "Tìm"\n\n{fuzzy}', encoding="utf-8")
    held = words.catalogues(tmp_path)["vi"]
    assert (held.gettext("Find"), held.gettext("Lists")) == ("Tìm", "Lists")


def test_what_a_room_says_is_translated_with_its_values_put_back_in() -> None:
    held = words.Rooms(
        {
            "There is no {0} {1}": "Tidak ada {0} {1}",
            "There is no run {0}": "Tidak ada proses {0}",
            "{0}: {1} {2}; kept as written, not used": "{0}: {1} {2}; disimpan, tidak dipakai",
            "is no date": "bukan tanggal",
            "{1} of {0}": "{0} punya {1}",
        }
    )
    assert held.said("There is no run 7") == "Tidak ada proses 7"
    assert held.said("There is no case 7") == "Tidak ada case 7"
    said = held.said("birthDate: '1 of 2: x' is no date; kept as written, not used")
    assert said == "birthDate: '1 of 2: x' bukan tanggal; disimpan, tidak dipakai"
    for other in ("", "There is no run", "is no date; kept as written, not used", "Nothing about that"):
        assert held.said(other) == other


@given(st.text(), st.text())
def test_values_come_through_whatever_they_hold(value: str, other: str) -> None:
    held = words.Rooms({"Run {0} was erased": "Proses {0} dihapus", "{0} of a {1}": "{1}: {0}"})
    assert held.said(f"Run {value} was erased") == f"Proses {value} dihapus"
    assume(" of a " not in value + other and not value.startswith("Run "))
    assert held.said(f"{value} of a {other}") == f"{other}: {value}"


def _read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def _ids(catalogue: Catalog) -> set[tuple[str | None, tuple[str, ...]]]:
    return {(message.context, _texts(message.id)) for message in catalogue if message.id}


def _forms(message: Message) -> tuple[str, ...]:
    return _texts(message.string or "")


def _texts(held: str | Sequence[str]) -> tuple[str, ...]:
    """The one text of a message, or its forms for one and for many."""
    return (held,) if isinstance(held, str) else tuple(held)
