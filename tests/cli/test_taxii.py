"""`lintas taxii` as administrators and scripts rely on it."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lintas.cli.main import main
from lintas.desk import taxii_accounts
from lintas.desk.office import Settings, open_office
from lintas.model.errors import SignInError
from tests.api import taxii_data as held

Run = Callable[..., tuple[int, str, str]]
SECRET = "a secret of fiction"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `lintas taxii` on a node of this test, with a secret on standard input; status, output, errors."""
    monkeypatch.setenv("LINTAS_NODE", str(tmp_path / "node"))
    monkeypatch.delenv("LINTAS_DATABASE_URL", raising=False)

    def command(*words: object, typed: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lintas", "taxii", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        status = ended.value.code
        return status if isinstance(status, int) else 0, out, err

    return command


def test_a_file_is_loaded_and_its_collections_are_listed(run: Run, tmp_path: Path) -> None:
    status, out, err = run("load", held.written(tmp_path, "http://localhost"))
    assert (status, out) == (0, "1 roots  5 collections  1006 objects  0 statuses\n"), err
    lines = [line.split()[2:] for line in run("collections")[1].splitlines()]
    assert lines == [
        ["r-", "6", held.READ_ONLY],
        ["rw", "0", held.OPEN],
        ["--", "0", held.CLOSED],
        ["-w", "0", held.DROP],
        ["rw", "1000", held.MANY],
    ]


def test_a_file_that_is_none(run: Run, tmp_path: Path) -> None:
    status, _, err = run("load", tmp_path / "none.json")
    assert status == 65
    assert "bad_taxii_file" in err


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\nanother line\n"])
def test_the_first_line_is_the_secret(run: Run, tmp_path: Path, end: bytes) -> None:
    assert run("account", "misp", typed=SECRET.encode() + end)[0] == 0
    office = open_office(Settings(tmp_path / "node"))
    assert taxii_accounts.holder(office, "misp", SECRET).id == "owner"
    assert run("account", "misp", "--close")[0] == 0
    with pytest.raises(SignInError):
        taxii_accounts.holder(office, "misp", SECRET)
    office.close()


@pytest.mark.parametrize(
    ("typed", "code"), [(b"", "weak_secret"), (b"short\n", "weak_secret"), (b"\xff\n", "bad_secret")]
)
def test_a_secret_that_is_none(run: Run, typed: bytes, code: str) -> None:
    status, _, err = run("account", "misp", typed=typed)
    assert status == 65
    assert code in err
