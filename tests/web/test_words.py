"""The words that translators get."""

import subprocess
import sys
from pathlib import Path

import pytest

import lintas
from lintas.web import words

pytestmark = pytest.mark.xdist_group("web")
ROOT = Path(lintas.__file__).parent


def test_the_template_of_words_is_up_to_date(tmp_path: Path) -> None:
    """`make messages` writes it."""
    made = tmp_path / "lintas.pot"
    mapping = ROOT / "web/locale/babel.cfg"
    options = f"-q extract --project Lintas --no-location --sort-output -k Feature:2 -F {mapping} -o {made} {ROOT}"
    command = [str(Path(sys.executable).parent / "pybabel"), *options.split()]
    subprocess.run(command, check=True, timeout=60)
    held = (ROOT / "web/locale/lintas.pot").read_text(encoding="utf-8")
    assert _messages(made.read_text(encoding="utf-8")) == _messages(held), "run: make messages"


def test_reasons_are_among_them() -> None:
    held = (ROOT / "web/locale/lintas.pot").read_text(encoding="utf-8")
    for reason in ("Names agree", "Dates differ by more than a year", "Same document number"):
        assert f'msgid "{reason}"' in held


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("id", "id"),
        ("id-ID,en;q=0.5", "id"),
        ("fr, id;q=0.1", "id"),
        ("en;q=0.2,id;q=0.9", "id"),
        ("xx;q=", "en"),
    ],
)
def test_the_browser_says_which_language(header: str, language: str) -> None:
    assert words.preferred(header, {"en": None, "id": None}) == language


def test_a_compiled_catalogue_is_taken_up(tmp_path: Path) -> None:
    folder = tmp_path / "id" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "lintas.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Find"\nmsgstr "Cari"\n'
    )
    command = [str(Path(sys.executable).parent / "pybabel"), "-q", "compile", "-D", "lintas", "-d", str(tmp_path)]
    subprocess.run(command, check=True, timeout=60)
    assert words.catalogues(tmp_path)["id"].gettext("Find") == "Cari"


def _messages(text: str) -> str:
    return text.split("\n\n", 1)[1]
