"""What is said of advisories: open ones are named, and what could not be asked about is never called clean."""

import json
import subprocess
import sys

from scripts import audit
from scripts.audit import NOT_ASKED, OPEN, Answer, about_npm, about_wheels, status

from tests.paths import namespace

CLEAN = {"name": "one", "version": "1", "vulns": []}
SKIPPED = {"name": "two", "skip_reason": "Dependency not found and could not be audited: two (1)"}
HOLED = {"name": "three", "version": "3", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1"], "aliases": []}]}
NPM = {"metadata": {"dependencies": {"total": 7}}, "vulnerabilities": {}}
ADVISORY = {"title": "Prototype pollution", "severity": "high", "url": "https://advisories.example/1"}


def wheels(*parts: object) -> Answer:
    return about_wheels(json.dumps({"dependencies": parts, "fixes": []}), "No known vulnerabilities found\n")


def test_a_skipped_package_is_not_clean_though_the_tool_finds_no_vulnerability() -> None:
    answer = wheels(CLEAN, SKIPPED)
    assert (answer.n_asked, answer.n_not_asked) == (1, 1)
    assert status([answer]) == NOT_ASKED
    assert status([wheels(CLEAN)]) == 0


def test_an_open_advisory_is_named_with_its_fix_and_outranks_what_was_not_asked() -> None:
    answer = wheels(CLEAN, SKIPPED, HOLED)
    assert answer.advisories == ("three 3: PYSEC-1, fixed in 3.1",)
    assert status([wheels(SKIPPED), answer]) == OPEN


def test_no_answer_and_an_answer_about_nothing_are_not_clean() -> None:
    for answer in (about_wheels("", "a trace\nno route to host\n"), about_npm("", ""), wheels()):
        assert status([wheels(CLEAN), answer]) == NOT_ASKED
    assert about_wheels("", "a trace\nno route to host\n").why == "no route to host"


def test_what_npm_says_is_read() -> None:
    open_one = {**NPM, "vulnerabilities": {"htmx": {"via": [ADVISORY, "another"]}}}
    assert about_npm(json.dumps(NPM), "") == Answer(7, 0)
    assert about_npm(json.dumps(open_one), "").advisories == (
        "htmx: Prototype pollution (high), https://advisories.example/1",
    )
    refused = about_npm(json.dumps({"message": "405 Method Not Allowed", "error": {}}), "npm error\n")
    assert (refused.why, status([refused])) == ("405 Method Not Allowed", NOT_ASKED)


def test_without_a_network_it_says_so_and_has_its_own_exit_status() -> None:
    command = namespace.command(sys.executable, "-m", "scripts.audit")
    done = subprocess.run(command, cwd=audit.ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == NOT_ASKED, done.stderr
    assert done.stdout.count("NOT ASKED") == 3
    assert done.stdout.count(": 0 packages asked about, 0 advisories open") == 3
