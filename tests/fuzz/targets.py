"""What is fuzzed: every place where bytes or text of a stranger become something of ours.

Each target takes bytes and may raise what it says beforehand, a LintasError above all; anything else is a crash.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path

import orjson
from fastapi.exceptions import RequestValidationError

from lintas.api.reading import read, strict_json
from lintas.api.refining import Extension, Row
from lintas.api.shapes import MatchQueries
from lintas.desk import intake, officers, packs, results, screening
from lintas.desk.office import Office, Settings, open_office
from lintas.model import imo, mmsi, wallet
from lintas.model.dates import parse_date
from lintas.model.entity import Entity
from lintas.model.errors import LintasError
from lintas.model.json_text import read_json
from lintas.model.listing import ParseNotes
from lintas.model.text import clean_text, storable
from lintas.reference import columns
from lintas.screening.names import compare_names, explain_names
from lintas.screening.normalise import MAX_TOKENS, normalise_name, sound, written_words
from lintas.sources import catalogue, customers
from lintas.sources.customers import header
from lintas.sources.customers.read import open_customers
from lintas.sources.customers.table import Table
from tests.sources.workbooks import raw_workbook, workbook

BETWEEN = b"\n%%%%\n"  # stands between the files of one input
MAX_ROWS = 500  # that are drawn of one customer file
SAMPLES = Path(str(customers.__file__)).parent
XLSX_PARTS = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
)
ENTITY = b'{"id": "p-1", "schema": "Person", "properties": {"name": ["Budi Contoh"], "birthDate": ["1970"]}}\n'
QUERY = {"schema": "Person", "properties": {"name": ["Ilva Strandmark"], "birthDate": ["1980-01-02", "2523"]}}
NAMES = "Dr. Mohammad bin Contoh,PT Lentera Laut Tbk,นายสมชาย ใจดี,ILVA STRANDMARK,Ооо Ромашка,金正日,ဦးအောင်,អ្នក"
WALLETS = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT,0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c"
VALUES = f"9074729,525012345,{WALLETS},31 Feb 2513,circa 1970"


@dataclass(frozen=True)
class Target:
    """`run` is called with any bytes; `seeds` are inputs that it reads well."""

    run: Callable[[bytes], object]
    seeds: Sequence[bytes]
    allowed: tuple[type[Exception], ...] = (LintasError,)
    max_len: int = 24_000  # bytes of an input


def _list(name: str, content: bytes) -> None:
    parse, samples = catalogue.parser(name), catalogue.samples(name)
    paths = [_scratch() / sample.name for sample in samples]
    parts = content.split(BETWEEN)[: len(paths)]
    for path, part in zip(paths, parts, strict=False):
        path.write_bytes(part)
    _check(parse(paths[: len(parts)], ParseNotes()))


def _check(entities: Iterator[Entity]) -> None:
    """What a parser yields can be stored and sent."""
    for entity in entities:
        orjson.dumps([entity.as_dict(), entity.digest, [asdict(one) for one in entity.statements]])


def _customers(content: bytes) -> None:
    path = _scratch() / "customers"
    path.write_bytes(content)
    file = open_customers(path, "customers")
    for one in islice(file.rows(), MAX_ROWS):
        orjson.dumps(results._document(results.ResultRow(one, ()), fictional=False))


def _workbook(content: bytes) -> None:
    """A workbook of which the parts are made up and the archive is whole: else only the archive would be tried."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, part in zip(XLSX_PARTS, content.split(BETWEEN), strict=False):
            if part:
                archive.writestr(path, part)
    _customers(stream.getvalue())


def _header(content: bytes) -> None:
    cells = tuple(clean_text(cell) for cell in _text(content).split("\t")[:50])
    for cell in cells:
        columns.property_for(cell), columns.schema_for(cell), columns.schema_implied(cell)
        columns.word_for("gender", cell), columns.word_for("country", cell)
    header.uses(Table("csv", cells, lambda: iter(()), 0), dict.fromkeys(cells[:1], "name"), "customers")


def _name(content: bytes) -> None:
    names = _text(content).split(",")[:6]
    for schema in ("Person", "Company", "Vessel", "LegalEntity"):
        forms = [normalise_name(name, schema) for name in names]
        for form in forms:
            assert len(form.tokens) <= MAX_TOKENS
            assert 0 <= compare_names(forms[0], form) <= 1
            explain_names(forms[0], form), [sound(token) for token in form.tokens]
    for name in names:
        written_words(name)


def _value(content: bytes) -> None:
    for text in content.decode("utf-8", "surrogateescape").split(",")[:10]:
        for parse in (imo.parse, mmsi.parse, wallet.parse, parse_date):
            value = parse(text)
            assert value is None or parse(value) == value, f"{parse.__module__} reads its own {value!r} otherwise"
        clean = clean_text(text)
        assert clean_text(clean) == clean
        storable(text).encode()


def _match_body(content: bytes) -> None:
    asked = read(MatchQueries, strict_json(content))
    questions = [screening.Question(one.schema_, one.properties, one.id) for one in asked.queries.values()]
    options = screening.Options(weights=asked.weights, limit=5, cutoff=0.1, is_lenient=True)
    answers = screening.match(_office(), officers.owner(_office()), questions, options)
    orjson.dumps([[answer.asked.as_dict(), answer.problems, answer.documents] for answer in answers])


def _reconcile_body(content: bytes) -> None:
    sent = strict_json(content)
    if isinstance(sent, dict) and "ids" in sent:
        read(Extension, sent)
        return
    for row in sent.values() if isinstance(sent, dict) else [sent]:
        question = read(Row, row).question()
        screening.match(_office(), officers.owner(_office()), [question], screening.Options(is_lenient=True))


def _pack(content: bytes) -> None:
    path = _scratch() / "pack"
    path.write_bytes(content)
    packs.verify(path)


def _json(content: bytes) -> None:
    read_json(content)


def targets() -> Mapping[str, Target]:
    """Every target by its name; a list that is put on the shelf is one by itself."""
    lists = {
        f"list {source.name}": Target(partial(_list, source.name), _seeds(source.name))
        for source in catalogue.sources()
    }
    body = (LintasError, RequestValidationError)
    return {
        **lists,
        "customers, CSV": Target(
            _customers, [(SAMPLES / "sample.csv").read_bytes(), b"id;nama;tgl lahir\n1;Budi;1970\n"]
        ),
        "customers, FollowTheMoney": Target(_customers, [ENTITY * 3]),
        "customers, XLSX archive": Target(_customers, [workbook(("name", "dob"), ("Budi", 1970))]),
        "customers, XLSX parts": Target(_workbook, _parts()),
        "headers of columns": Target(_header, ["Nama Lengkap\tTanggal Lahir (dd/mm)\tชื่อ / Name\tIMO No.".encode()]),
        "names": Target(_name, [NAMES.encode()], max_len=2000),
        "values": Target(_value, [VALUES.encode()], max_len=500),
        "JSON": Target(_json, [ENTITY, b'[1, 1e3, null, "\\u0041"]'], (ValueError,)),
        "body of /match": Target(_match_body, [json.dumps({"queries": {"q": QUERY}, "weights": {}}).encode()], body),
        "body of /reconcile": Target(_reconcile_body, _rows(), body),
        "pack": Target(_pack, [_a_pack()]),
    }


def _seeds(name: str) -> list[bytes]:
    files = [sample.read_bytes() for sample in catalogue.samples(name)]
    xml = Path(__file__).parents[1] / "sources" / "lists" / "ofac_sdn_sample.xml"
    others = [xml.read_bytes()] if name == "us_ofac_sdn" else []
    return [BETWEEN.join(files), *(files if len(files) > 1 else []), *others]


def _parts() -> list[bytes]:
    found = []
    inline = raw_workbook('<row r="1"><c t="inlineStr"><is><t>name</t></is></c></row><row><c><v>7</v></c></row>')
    for whole in (workbook(("name", "dob", "x"), ("Budi", 1970, 1.5), ("Siti", None, True)), inline):
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            held = set(archive.namelist())
            found.append(BETWEEN.join(archive.read(path) if path in held else b"" for path in XLSX_PARTS))
    return found


def _rows() -> list[bytes]:
    row = {"query": "Ilva", "type": ["Person"], "properties": [{"pid": "birthDate", "v": {"name": "1980"}}]}
    return [json.dumps({"q0": row}).encode(), b'{"ids": ["un_sc-9990005"], "properties": [{"id": "name"}]}']


def _a_pack() -> bytes:
    (_scratch() / "part").write_bytes(b"name\nBudi\n" * 20)
    packs.write(_scratch() / "seed", {"a": _scratch() / "part"}, {"kind": "x/1", "made_at": "2026-03-01"})
    return (_scratch() / "seed").read_bytes()


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


@cache
def _scratch() -> Path:
    """A folder of this process, in memory where the machine has one there."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="lintas-fuzz-", dir=memory if memory.is_dir() else None))


@cache
def _office() -> Office:
    """A node with the fictional lists."""
    office = open_office(Settings(_scratch() / "node"))
    me = officers.owner(office)
    for source in catalogue.sources():
        intake.load(office, me, source.name, catalogue.samples(source.name), fictional=True)
    return office
