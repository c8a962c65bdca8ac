"""Results leave the node in four kinds; of a pack every byte can be checked by whoever gets it."""

import csv
import io
import random
import struct
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from openpyxl import load_workbook

from lintas.desk import packs, runs
from lintas.desk.office import Office, Settings, open_office
from lintas.model.errors import ConflictError, FileError, InputError, UnavailableError
from tests.desk.cast import BOB
from tests.desk.customers import LISTED, create, done, names
from tests.desk.entries import load

N = 25


@pytest.fixture
def held(office: Office) -> Office:
    load(office, LISTED)
    return office


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A pack as a node hands it out."""
    folder = tmp_path_factory.mktemp("pack")
    office = open_office(Settings(folder / "node"))
    load(office, LISTED)
    runs.export(office, BOB, done(office, N).number, "zip", folder / "pack.zip")
    office.close()
    return (folder / "pack.zip").read_bytes()


class TestExport:
    def test_every_kind_holds_every_customer(self, held: Office, tmp_path: Path) -> None:
        run = done(held, N)
        for kind in runs.EXPORTS:
            runs.export(held, BOB, run.number, kind, tmp_path / f"out.{kind}")
        lines = [orjson.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
        with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file))
        sheet = load_workbook(tmp_path / "out.xlsx").worksheets[0]
        wanted = [f"K{i:05}" for i in range(N)]
        assert [line["customer_id"] for line in lines] == wanted
        assert [row["customer_id"] for row in table] == wanted
        assert [row[1].value for row in sheet.iter_rows(min_row=2)] == wanted
        assert [row["customer_name"] for row in table] == names(N)
        assert sum(len(line["matches"]) for line in lines) == run.n_matches
        assert packs.verify(tmp_path / "out.zip").n_files == 4

    def test_a_pack_holds_the_file_as_it_came_and_says_with_what_it_was_screened(
        self, held: Office, tmp_path: Path
    ) -> None:
        run = done(held, N)
        runs.export(held, BOB, run.number, "zip", tmp_path / "out.zip")
        with zipfile.ZipFile(tmp_path / "out.zip") as pack:
            manifest = orjson.loads(pack.read("manifest.json"))
            assert pack.read("customers") == (held.scratch / "customers.csv").read_bytes()
            for name, digest in manifest["sha256"].items():
                assert sha256(pack.read(name)).hexdigest() == digest
        assert manifest["file"]["sha256"] == run.file["sha256"]
        assert manifest["list_versions"] == run.list_versions
        assert (manifest["status"], manifest["n_done"], manifest["n_rows"]) == ("done", N, N)

    def test_a_run_that_is_not_at_its_end_is_not_exported(self, held: Office, tmp_path: Path) -> None:
        run = create(held, N)
        for kind in runs.EXPORTS:
            with pytest.raises(ConflictError) as caught:
                runs.export(held, BOB, run.number, kind, tmp_path / "out")
            assert caught.value.code == "run_unfinished"
        runs.stop(held, BOB, run.number)
        runs.export(held, BOB, run.number, "zip", tmp_path / "out.zip")
        with zipfile.ZipFile(tmp_path / "out.zip") as pack:
            assert orjson.loads(pack.read("manifest.json"))["status"] == "stopped"

    def test_another_kind_is_refused(self, held: Office, tmp_path: Path) -> None:
        run = done(held, 3)
        for kind in ("pdf", "", "CSV", "../csv"):
            with pytest.raises(InputError) as caught:
                runs.export(held, BOB, run.number, kind, tmp_path / "out")
            assert caught.value.code == "unknown_export"
        assert list(tmp_path.glob("out*")) == []

    @pytest.mark.parametrize("kind", runs.EXPORTS)
    def test_what_cannot_be_written_is_said_in_words_and_leaves_an_old_file_as_it_was(
        self, held: Office, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run, old = done(held, 3), tmp_path / "out"
        with pytest.raises(UnavailableError):
            runs.export(held, BOB, run.number, kind, tmp_path / "none" / "out")
        old.write_text("an old file")
        monkeypatch.setattr(runs, "result_rows", _raise)
        with pytest.raises(ZeroDivisionError):
            runs.export(held, BOB, run.number, kind, old)
        assert (old.read_text(), sorted(path.name for path in tmp_path.iterdir())) == ("an old file", ["node", "out"])


class TestVerify:
    @pytest.fixture
    def check(self, tmp_path: Path) -> Callable[[bytes], packs.PackReport]:
        def verify(content: bytes) -> packs.PackReport:
            path = tmp_path / "pack.zip"
            path.write_bytes(content)
            return packs.verify(path)

        return verify

    def test_a_whole_pack_says_what_it_is(self, whole: bytes, check: Callable[[bytes], packs.PackReport]) -> None:
        report = check(whole)
        assert (report.kind, report.n_files) == ("lintas.screening-run/1", 4)
        assert report.made_at.startswith("20")

    def test_any_byte_that_is_changed_is_found_or_changes_nothing(
        self, whole: bytes, check: Callable[[bytes], packs.PackReport]
    ) -> None:
        true, chance = contents(whole), random.Random(20260301)
        n_refused = 0
        for _ in range(300):
            at, by = chance.randrange(len(whole)), chance.randrange(1, 256)
            changed = whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :]
            try:
                check(changed)
            except FileError:
                n_refused += 1
            else:
                assert contents(changed) == true, f"byte {at} by {by}"
        assert n_refused > 250

    def test_every_byte_of_the_headers_too(self, whole: bytes, check: Callable[[bytes], packs.PackReport]) -> None:
        true = contents(whole)
        with zipfile.ZipFile(io.BytesIO(whole)) as pack:
            starts = [info.header_offset for info in pack.infolist()]
            places = [at for start in starts for at in range(start, start + 45)] + list(
                range(pack.start_dir, len(whole))
            )
        for at in places:
            for by in (0x01, 0x80, 0xFF):
                changed = whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :]
                try:
                    check(changed)
                except FileError:
                    continue
                assert contents(changed) == true, f"byte {at} by {by}"

    def test_a_pack_that_is_cut_or_prolonged_is_refused(
        self, whole: bytes, check: Callable[[bytes], packs.PackReport]
    ) -> None:
        for n in (0, 1, 10, 22, 100, len(whole) // 2, len(whole) - 1):
            self.refused(check, whole[:n])
        for longer in (whole + b"\n", b"MZ" + whole, whole + whole):
            self.refused(check, longer)

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_member_that_is_added_changed_missing_or_doubled_is_named(
        self, whole: bytes, check: Callable[[bytes], packs.PackReport]
    ) -> None:
        held = contents(whole)
        wrong: dict[str, list[tuple[str, bytes]]] = {
            "note.txt": [*held.items(), ("note.txt", b"read this first")],
            "empty/": [*held.items(), ("empty/", b"")],
            "results.csv": [(name, data + b" " * (name == "results.csv")) for name, data in held.items()],
            "customers": [(name, data) for name, data in held.items() if name != "customers"],
            "results.jsonl": [*held.items(), ("results.jsonl", held["results.jsonl"])],
            "manifest.json": [*held.items(), ("manifest.json", held["manifest.json"])],
        }
        for name, members in wrong.items():
            error = self.refused(check, zipped(members))
            assert repr(name) in error.what, name
            assert error.code == "pack_changed"

    def test_a_member_that_only_some_programs_see_is_found(
        self, whole: bytes, check: Callable[[bytes], packs.PackReport]
    ) -> None:
        """Bytes between members are read by programs that go through the file from its beginning."""
        hidden = zipped([("results.csv", b"nobody matched")], stored=True)
        hidden = hidden[: hidden.index(b"PK\x01\x02")]
        with zipfile.ZipFile(io.BytesIO(whole)) as pack:
            start, entries = pack.start_dir, len(pack.infolist())
        size = len(whole) - start - 22
        end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, entries, entries, size, start + len(hidden), 0)
        self.refused(check, whole[:start] + hidden + whole[start : start + size] + end)

    @pytest.mark.parametrize(
        "manifest",
        [
            b"",
            b"[]",
            b"5",
            b'"kind made_at sha256"',
            b"{",
            b"[" * 100_000,
            b"{}",
            b'{"kind": "x", "made_at": "y"}',
            b'{"kind": "x", "made_at": "y", "sha256": []}',
            b'{"kind": {"a": 1}, "made_at": "y", "sha256": {}}',
            b'{"kind": "\\u001b[2J", "made_at": "y", "sha256": {}}',
            b'{"kind": "x", "made_at": "y", "sha256": {"../../etc/passwd": "00"}}',
            b'{"kind": "x", "made_at": "y", "sha256": {"a": 5}}',
            b"\xff\xfe",
        ],
    )
    def test_a_manifest_that_is_none_is_refused(
        self, check: Callable[[bytes], packs.PackReport], manifest: bytes
    ) -> None:
        self.refused(check, zipped([("manifest.json", manifest)]))

    def test_what_is_no_zip_is_refused(self, check: Callable[[bytes], packs.PackReport], tmp_path: Path) -> None:
        for content in (b"", b"PK\x03\x04", b"PK\x05\x06" + b"\x00" * 18, b"not a zip" * 1000, zipped([])):
            self.refused(check, content)
        for path in (tmp_path / "none.zip", tmp_path):
            with pytest.raises(FileError):
                packs.verify(path)

    def test_a_bomb_is_refused_before_it_is_unpacked(
        self, check: Callable[[bytes], packs.PackReport], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(packs, "SMALL_BYTES", 1024**2)
        zeros = b"\x00" * 8 * 1024**2
        members = {"a": zeros, "b": zeros}
        error = self.refused(check, zipped([*members.items(), ("manifest.json", manifest_of(members))]))
        assert "would unpack to" in str(error.where)

    def test_a_manifest_that_is_a_bomb_is_refused(self, check: Callable[[bytes], packs.PackReport]) -> None:
        error = self.refused(check, zipped([("manifest.json", b" " * (packs.MAX_MANIFEST_BYTES + 1))]))
        assert "too large" in str(error.where)

    def test_a_size_that_is_a_lie_is_found(self, check: Callable[[bytes], packs.PackReport]) -> None:
        members = {"a": b"nothing but a text" * 100}
        content = zipped([*members.items(), ("manifest.json", manifest_of(members))])
        true = struct.pack("<I", len(members["a"]))
        for lie in (1, 2**31, 2**32 - 2):
            self.refused(check, content.replace(true, struct.pack("<I", lie)))

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_damage_under_any_way_of_packing_is_found(
        self, check: Callable[[bytes], packs.PackReport], method: int
    ) -> None:
        members = {"a": bytes(random.Random(1).randbytes(3000))}
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as pack:
            for name, data in (*members.items(), ("manifest.json", manifest_of(members))):
                pack.writestr(name, data)
        content = file.getvalue()
        assert check(content).n_files == 1
        for at in range(35, 3000, 150):
            self.refused(check, content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])

    def refused(self, check: Callable[[bytes], packs.PackReport], content: bytes) -> FileError:
        with pytest.raises(FileError) as caught:
            check(content)
        assert caught.value.code in ("bad_pack", "pack_changed")
        return caught.value


def contents(content: bytes) -> dict[str, bytes]:
    """What a program that unpacks it would see."""
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        return {info.filename: pack.read(info) for info in pack.infolist()}


def zipped(members: list[tuple[str, bytes]], *, stored: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as pack:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = pack.compression
            pack.writestr(info, data)
    return file.getvalue()


def manifest_of(members: Mapping[str, bytes]) -> bytes:
    digests = {name: sha256(data).hexdigest() for name, data in members.items()}
    return orjson.dumps({"kind": "x", "made_at": "y", "sha256": digests})


def _raise(*_: Any) -> Any:
    raise ZeroDivisionError
