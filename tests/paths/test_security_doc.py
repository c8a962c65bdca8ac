"""docs/security.md answers what OWASP ASVS 5.0 asks documentation for, and its numbers are those of the code."""

import csv
import re
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from argon2 import PasswordHasher

from lintas.api import reading
from lintas.cli import serving
from lintas.desk import (
    dossier,
    exports,
    four_eyes,
    glass,
    intake,
    jobs,
    oidc,
    outcomes,
    outgoing,
    pace,
    paging,
    passkeys,
    passphrases,
    reasons,
    recent,
    refresh,
    runs,
    screening,
    sessions,
)
from lintas.sources.customers import archive, delimited, lines, table
from lintas.store import challenges
from lintas.web import doors
from tests.desk.test_matrix import CELLS as OF_VERBS
from tests.desk.verbs import VERBS
from tests.paths import commands
from tests.paths.test_command_matrix import CELLS as OF_COMMANDS
from tests.paths.test_route_matrix import CELLS as OF_ROUTES
from tests.paths.test_route_matrix import EXPECTED as ROUTES
from tests.paths.test_route_matrix import OPEN as OPEN_ROUTES

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = " ".join((DOCS / "security.md").read_text(encoding="utf-8").split())
SECTIONS = re.findall(
    r"\n## [^\n]+\n<!-- ([\d. ]+) -->\n(.+?)(?=\n## |\Z)", (DOCS / "security.md").read_text(), re.DOTALL
)


def minutes(time: timedelta) -> int:
    return int(time.total_seconds() / 60)


def hours(time: timedelta) -> int:
    return int(time.total_seconds() / 3600)


SAID = [
    f"at most {doors.MAX_BODY_BYTES // 10**6} MB, counted while it comes in, {doors.OPEN_BODY_BYTES // 1000} kB where",
    f"{serving.MOST_CONNECTIONS} connections at once, then 503",
    f"at most {reading.MAX_BODY_BYTES >> 20} MB; JSON",
    f"{screening.MAX_QUERIES} queries a call, {screening.MAX_QUERY_VALUES} values a query",
    f"at most {paging.MAX_RESULTS} results, no further than the {paging.MAX_OFFSET:,}th",
    f"{archive.MAX_UNPACKED >> 30} GiB unpacked, {archive.MAX_PARTS:,} parts, none over {archive.SMALL_PART >> 10} KiB "
    f"that grows more than {archive.MAX_RATIO} times",
    f"lines of {lines.MAX_LINE:,} characters, cells of {delimited.MAX_CELL:,}, rows of {delimited.MAX_RECORD:,}, "
    f"{table.MAX_COLUMNS:,} columns",
    f"{intake.MAX_FILE_BYTES >> 30} GiB; lists that are downloaded {refresh.MAX_BYTES >> 20} MiB in {refresh.MAX_S} "
    f"seconds, at most {outgoing.MAX_REDIRECTS} redirects",
    f"reasons of {reasons.MAX_REASON:,} characters, references of {outcomes.MAX_REFERENCE}",
    f"carried out once, within {four_eyes.WAITS.days} days",
    f"once, for {minutes(passkeys.ANSWER_WITHIN)} minutes; {challenges.MOST:,} wait for an answer at once; "
    f"{passkeys.MOST} keys an officer",
    f"{passphrases.SHORTEST} to {passphrases.LONGEST} characters, any",
    f"once, for {minutes(oidc.ANSWER_WITHIN)} minutes; binds",
    f"signing in there over {hours(oidc.OLDEST)} hour ago is not enough",
    f"once, for {minutes(sessions.LINK_LIVES)} minutes; its",
    f"at most {sessions.TOKEN_LIVES.days} days",
    f"at least {passphrases.HARD} characters that are hard to guess",
    f"{passphrases.FREE_TRIES} wrong passphrases are free",
    f"from {passphrases.FIRST_WAIT.seconds} seconds to {minutes(passphrases.LONGEST_WAIT)} minutes",
    f"At most {passphrases.AT_ONCE} passphrases are checked at once; who waits over {passphrases.WAITS_S:.0f} seconds",
    f"who comes when {passphrases.MOST_WAIT} wait at once",
    f"after {hours(sessions.SESSION_IDLES)} hour of silence",
    f"after {hours(sessions.SESSION_LIVES)} hours at the latest",
    f"ended, only within {minutes(recent.RECENT)} minutes of signing in",
    f"purpose for {hours(glass.OPEN_FOR)} hour, with a reason",
    f"exports live {exports.LIVES.days} days",
    f"in pieces of {runs.PIECE} rows",
    f"{pace.START:,} in a minute",
    f"{jobs.MAX_TRIES} workers may die of a job",
    f"{dossier.MAX_DRAWN} entities; the rest",
]


MATRIX = [
    f"| verbs of the desk | {len(VERBS)} | {len(OF_VERBS):,} | `pytest tests/desk/test_matrix.py` |",
    f"| routes of the pages and of the API | {len(ROUTES)} | {len(OF_ROUTES):,} | "
    "`pytest tests/paths/test_route_matrix.py` |",
    f"| commands | {len(commands.EXPECTED)} | {len(OF_COMMANDS):,} | `pytest tests/paths/test_command_matrix.py` |",
    f"{len(OF_VERBS) + len(OF_ROUTES) + len(OF_COMMANDS):,} cells in all",
    f"{len(OPEN_ROUTES)} routes and {len(commands.OPEN)} commands are guarded by no role",
]


@pytest.mark.parametrize("words", SAID + MATRIX)
def test_the_numbers_are_those_of_the_code(words: str) -> None:
    assert words in TEXT


def test_argon2_is_as_it_says() -> None:
    held: PasswordHasher = passphrases._HASHER
    assert f"{held.memory_cost >> 10} MiB, {held.time_cost} passes, {held.parallelism} lanes" in TEXT
    assert held.type.name == "ID"


def test_every_question_has_its_section() -> None:
    """What asvs.csv says is documented is named by exactly one section, which says something; and the other way."""
    mine = Path(__file__).name
    with (DOCS / "asvs.csv").open(encoding="utf-8", newline="") as file:
        asked = {row["id"] for row in csv.DictReader(file) if f"{mine}::" in row["evidence"]}
    named = [one for ids, _ in SECTIONS for one in ids.split()]
    assert sorted(named) == sorted(asked)
    assert all(len(words.split()) > 25 for _, words in SECTIONS)


def test_every_file_and_name_it_points_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (DOCS / target).exists(), target
    for setting in re.findall(r"`(LINTAS_[A-Z_]+)`", TEXT):
        modules: list[ModuleType] = [sessions]
        sources = Path(str(modules[0].__file__)).parents[1]
        assert any(setting in path.read_text() for path in sources.rglob("*.py")), setting
