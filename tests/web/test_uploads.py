"""Uploads: whatever a file is called, it is kept under a name of ours; what cannot be kept is said in words."""

import io
from itertools import islice, product
from pathlib import Path

import httpx
import pytest
from fastapi import UploadFile

from lintas.desk.office import Office
from lintas.model.errors import UnavailableError
from lintas.web import runs as pages
from tests.sources.workbooks import workbook

pytestmark = pytest.mark.xdist_group("web")

N_NAMES = 200
STEPS = (
    "../",
    "..\\",
    "/",
    "\\",
    "....//",
    "..;/",
    "%2e%2e%2f",
    "%252e%252e%255c",
    "\u2025/",
    "\uff0e\uff0e\uff0f",
    "./",
)
ENDS = (
    "outside.csv",
    "etc/passwd",
    "node.sqlite",
    "raw/00/outside",
    "outside\x00.csv",
    "C:\\outside.csv",
    "CON",
    "~root",
)
PLAIN = b"id,name\n1,Nobody Atall\n"


def hostile_names() -> list[str]:
    """Ways to say `a file elsewhere`, each once."""
    made = [step * depth + end for depth, end, step in product((1, 8, 3), ENDS, STEPS)]
    odd = ["..", ".", "/", "\\", "...", ". .", "~", "file:///outside.csv", "\\\\host\\share\\outside.csv", "a" * 5000]
    return list(
        islice(dict.fromkeys([*odd, "../" * 400 + "outside.csv", "x\r\nX-Evil: 1.csv", 'x".csv', *made]), N_NAMES)
    )


def outside(office: Office) -> dict[Path, bytes | None]:
    """Every file of the node and beside it that is neither kept content nor being made.

    What is in them too, but for those that the node itself writes with every request.
    """
    its_own = (
        office.node / "node.sqlite",
        office.node / "log.sqlite",
        office.node / "keys",
        office.node / "worker-alive",
    )
    found = (path for path in sorted(office.node.parent.rglob("*")) if "sqlite-" not in path.name)
    return {
        path: path.read_bytes() if path.is_file() and not any(path.is_relative_to(one) for one in its_own) else None
        for path in found
        if not any(path.is_relative_to(one) for one in (office.raw, office.scratch))
    }


def test_no_name_of_an_upload_leads_anywhere(worked: Office, officer: httpx.Client) -> None:
    names = hostile_names()
    assert len(names) == N_NAMES
    before, kept = outside(worked), {path for path in worked.raw.rglob("*") if path.is_file()}
    taken = 0
    for name in names:
        answer = officer.post("/runs", files={"file": (name, PLAIN)})
        assert answer.status_code in (303, 400), (name, answer.text)
        taken += answer.status_code == 303
    assert taken > N_NAMES * 0.8
    assert outside(worked) == before
    assert list(worked.scratch.iterdir()) == []
    new = [path for path in worked.raw.rglob("*") if path.is_file() and path not in kept]
    assert [path.read_bytes() for path in new] == [PLAIN]
    assert len(new[0].name) == 64


@pytest.mark.parametrize(
    "header",
    [
        b'form-data; name="file"; filename="../../outside.csv"; filename="x.csv"',
        b'form-data; name="file"; filename="x.csv"; filename="../../outside.csv"',
        b"form-data; name=\"file\"; filename*=UTF-8''..%2F..%2Foutside.csv",
        b'form-data; name="file"; filename="x.csv"; filename*=UTF-8\'\'..%2Foutside.csv',
        b"form-data; name=\"file\"; filename*=utf-16''%ff%fe",
        b'form-data; name="file"; filename="\xff\xfe/../outside.csv"',
        b'form-data; name="../file"; filename="x.csv"',
        b'form-data; filename="x.csv"',
        b'attachment; name="file"; filename="x.csv"',
        b"",
    ],
)
def test_no_header_of_a_part_leads_anywhere(worked: Office, officer: httpx.Client, header: bytes) -> None:
    before = outside(worked)
    body = b"--b\r\nContent-Disposition: " + header + b"\r\n\r\n" + PLAIN + b"\r\n--b--\r\n"
    answer = officer.post("/runs", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code in (303, 400, 413)
    assert outside(worked) == before
    assert list(worked.scratch.iterdir()) == []


@pytest.mark.parametrize("name", ["x.csv", "x.TXT", "x", "nasabah 31.12.2026", "x.csv ", ".csv"])
def test_what_a_file_is_called_does_not_say_what_it_is(officer: httpx.Client, name: str) -> None:
    assert officer.post("/runs", files={"file": (name, PLAIN, "image/png")}).status_code == 303
    for foreign in (
        b"\x89PNG\r\n\x1a\n" + PLAIN,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n",
        b"MZ\x90\x00\x03",
    ):
        answer = officer.post("/runs", files={"file": (name, foreign, "text/csv")})
        assert answer.status_code == 400, foreign


@pytest.mark.parametrize("name", ["x.xlsx", "x.png", "x.html", "x.exe", "x.csv.exe", "x.csv;.JSON", "x.xls", "x.pdf"])
def test_a_name_that_says_another_thing_than_the_content_is_refused(officer: httpx.Client, name: str) -> None:
    answer = officer.post("/runs", files={"file": (name, PLAIN, "text/csv")})
    assert answer.status_code == 400
    assert "name_of_another_kind" in answer.text
    for content in (
        workbook(("name",), ("Budi",)),
        b'{"id": "p-1", "schema": "Person", "properties": {"name": ["A"]}}',
    ):
        answer = officer.post("/runs", files={"file": ("x.csv", content, "text/csv")})
        assert answer.status_code == 400


def test_a_download_is_named_by_us(officer: httpx.Client) -> None:
    taken = officer.post("/runs", files={"file": ('x";filename="evil.csv', PLAIN)})
    assert taken.status_code == 303
    for kind in ("csv", "zip"):
        answer = officer.get(f"/runs/1/export/{kind}")
        assert answer.headers["content-disposition"] == f'attachment; filename="lintas-run-1.{kind}"'
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_disk_without_room_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "upload").symlink_to("/dev/full")
    with pytest.raises(UnavailableError) as caught:
        pages._received(UploadFile(io.BytesIO(PLAIN), filename="x.csv"), tmp_path)
    assert caught.value.code == "not_kept"
