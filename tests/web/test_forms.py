"""A request on paper: every field's text is in the PDF, in either language, in every script; no letter is left out."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from lintas.cli.main import main
from lintas.desk import forms, typesetting
from lintas.desk.forms import Form
from lintas.exchange import contents
from lintas.model.errors import ConflictError, InputError, NotFoundError, UnavailableError
from lintas.model.handling import Handling
from lintas.store.messages import Kept
from lintas.web import forms as sheets
from tests.desk.cells import newest
from tests.nodes.region import LINA, REQUEST, Region, draft, sent
from tests.nodes.region import NAMES as NODES

A, B = "xa.fiu", "xb.police"
SUBJECTS = [
    {"kind": "organization", "name": "Hantu Trading", "properties": [{"label": "address", "value": "Port Arun 7"}]},
    {"kind": "account", "name": "0012345678", "properties": []},
]
SAID: dict[str, Any] = REQUEST | {
    "subjects": SUBJECTS,
    "urgency": "priority",
    "channel": "fraud",
    "legal_basis": "Act 7, #1",
    "facts": "First line with *stars*, $x$ and #eval(1).\n\nSecond line.",
}
HELD = Handling(
    "amber",
    frozenset({"H1"}),
    frozenset({"investigation"}),
    frozenset({"xc.customs"}),
    "never",
    date(2030, 1, 31),
    frozenset({"Call before use."}),
)
NAMES = "Đặng Thị Ánh · สมชาย ใจดี · សុខា មាស · ສົມສັກ · မောင်မောင် · محمد علي · 王小明 · ராஜா"
needs_fonts = pytest.mark.skipif(
    not any(typesetting.FOLDERS[0].rglob("NotoSansKhmer-Regular.*")), reason="fonts-noto-core is not installed"
)


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    made = Region(tmp_path / "nodes", names=(A, B))
    yield made
    made.close()


def asked(region: Region, body: dict[str, Any] = SAID, held: Handling = HELD) -> Kept:
    kept = sent(region.nodes[A], draft("request", body, peer=B, handling=held))
    region.deliver(A, B)
    return kept


def write(region: Region, which: str, file: Path, language: str = "en", node: str = A, **more: Any) -> Path:
    forms.write(region.nodes[node], LINA, which, file, lambda form: sheets.laid_out(form, language), **more)
    return file


def text(file: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(file).pages).split())


@needs_fonts
@pytest.mark.parametrize("language", ["en", "id"])
def test_every_field_is_on_the_paper(region: Region, tmp_path: Path, language: str) -> None:
    kept = asked(region)
    said = text(write(region, kept.id, tmp_path / "form.pdf", language))
    digest = [kept.sha256[at : at + 8] for at in range(0, 64, 8)]
    values = [
        value for name, value in SAID.items() if isinstance(value, str) and name not in ("urgency", "channel", "facts")
    ]
    values += [
        "First line with *stars*, $x$ and #eval(1).",
        "Second line.",
        "Hantu Trading",
        "Port Arun 7",
        "0012345678",
    ]
    values += [A, B, "Financial Intelligence Unit of Arunia", kept.id, "2026-11-22 08:00 UTC", *digest]
    values += ["TLP:AMBER", "H1", "xc.customs", "2030-01-31", "Call before use."]
    tried = sheets.laid_out(Form(contents.restored(kept.content), NODES[A], kept.sha256), language)
    values += (
        [label for label, _ in tried["rows"]] + [line for _, lines in tried["rows"] for line in lines] + tried["sign"]
    )
    plain = said.replace(" ", "")  # a reader puts blanks where a line was broken
    assert [value for value in values if "".join(value.split()) not in plain] == []


@needs_fonts
def test_names_of_every_script_have_their_letters(region: Region, tmp_path: Path) -> None:
    """No reader gives the text of Khmer, Lao and Burmese back as it was; that each letter has a shape is checked by
    PDF/A-2u, and that the fonts of all scripts are inside is checked here."""
    body = SAID | {"subjects": [{"kind": "person", "name": NAMES, "properties": []}]}
    file = write(region, asked(region, body).id, tmp_path / "form.pdf")
    held = file.read_bytes()
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(file).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    for script in ("Thai", "Khmer", "Lao", "Myanmar", "Arabic", "CJK", "Tamil"):
        assert any(script in name for name in fonts), script
    assert "王小明" in text(file)
    again = write(region, asked_id(region), tmp_path / "again.pdf")
    assert again.read_bytes() == held, "the same request gives the same bytes"


def asked_id(region: Region) -> str:
    return region.all(A)[0].id


@needs_fonts
@pytest.mark.parametrize("letter", ["😀", "𐎀", "\ue000"])
def test_a_letter_that_no_font_has_is_named(region: Region, tmp_path: Path, letter: str) -> None:
    kept = asked(region, SAID | {"subject": f"Hantu {letter}"})
    with pytest.raises(UnavailableError) as caught:
        write(region, kept.id, tmp_path / "form.pdf")
    assert caught.value.code == "no_font"
    assert letter in (caught.value.where or "") or "e000" in (caught.value.where or "")
    assert not (tmp_path / "form.pdf").exists()


def test_without_fonts_it_is_said_which_to_install(region: Region, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="font") as caught:
        write(region, asked(region).id, tmp_path / "form.pdf", folders=(tmp_path / "none",))
    assert "fonts-noto-core" in caught.value.do


def test_what_is_no_request_of_ours_is_refused(region: Region, tmp_path: Path) -> None:
    kept = asked(region)
    file = tmp_path / "form.pdf"
    for node, which, kind in ((B, kept.id, InputError), (A, "none", NotFoundError), (A, "77", NotFoundError)):
        with pytest.raises(kind):
            write(region, which, file, node=node)
    (came,) = region.inbox(B, A)
    answer = region.answer(B, came, "reply", {"extent": "final", "text": "Two."}, handling=HELD)
    with pytest.raises(InputError):
        write(region, answer.id, file, node=B)
    assert not file.exists()


@needs_fonts
def test_the_command_takes_a_thread_and_a_language_and_writes_over_nothing(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(region, held=replace(HELD, onward=None))
    file = tmp_path / "form.pdf"
    words = f"lintas --node {region.nodes[A].node} --as lina threads form 1 --language id --out {file}".split()
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None), capsys.readouterr().err
    assert newest(region.nodes[A], 1)[0][1:] == ("exchange.send", "done")
    with pytest.raises(ConflictError):
        write(region, "1", file)
