"""`make audit`: ask the advisory services about everything that is locked; call nothing clean that was not asked about.

Exit status: 0 all of it was asked about and no advisory is open; 1 an advisory is open; 3 no advisory is known to be
open, and not everything could be asked about.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
ASSETS = Path("src/lintas/web/assets")
OPEN, NOT_ASKED = 1, 3
PIP_AUDIT = (
    sys.executable,
    "-m",
    "pip_audit",
    "--require-hashes",
    "--disable-pip",
    "--progress-spinner=off",
    "-f=json",
)
NPM_AUDIT = ("npm", "audit", "--json", "--package-lock-only", "--fetch-retries=0")


@dataclass(frozen=True)
class Answer:
    """What a service said of one lock file. `why`: why not all of it was asked about."""

    n_asked: int
    n_not_asked: int
    advisories: tuple[str, ...] = ()
    why: str = ""


def main() -> int:
    """Print what is known of each lock file."""
    with tempfile.TemporaryDirectory() as empty:  # else it may answer from a cache
        asked = {lock: _run(*PIP_AUDIT, "--cache-dir", empty, "-r", lock) for lock in LOCKS}
    answers = [_show(lock, about_wheels(*said)) for lock, said in asked.items()]
    answers.append(_show(str(ASSETS / "package-lock.json"), about_npm(*_run(*NPM_AUDIT, folder=ROOT / ASSETS))))
    return status(answers)


def _run(*command: str, folder: Path = ROOT) -> tuple[str, str]:
    try:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=600)
    except FileNotFoundError:
        return "", f"{command[0]} is not installed"
    except subprocess.TimeoutExpired:
        return "", f"{command[0]} got no answer in 10 minutes"
    return done.stdout, done.stderr


def about_wheels(out: str, err: str) -> Answer:
    """Read what pip-audit printed. It calls a package that its service does not know skipped, and ends well."""
    try:
        said = json.loads(out)["dependencies"]
    except (ValueError, KeyError):
        return Answer(0, 0, why=_last_line(err))
    skipped = [part["skip_reason"] for part in said if "skip_reason" in part]
    found = tuple(
        f"{part['name']} {part['version']}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'no version'}"
        for part in said
        for one in part.get("vulns", ())
    )
    return Answer(len(said) - len(skipped), len(skipped), found, skipped[0] if skipped else "")


def about_npm(out: str, err: str) -> Answer:
    """Read what npm audit printed."""
    try:
        said = json.loads(out)
        found = tuple(
            f"{name}: {one['title']} ({one['severity']}), {one['url']}"
            for name, part in said["vulnerabilities"].items()
            for one in part["via"]
            if isinstance(one, dict)
        )
        return Answer(said["metadata"]["dependencies"]["total"], 0, found)
    except (ValueError, KeyError):
        return Answer(0, 0, why=_message(out) or _last_line(err))


def _message(out: str) -> str:
    try:
        return str(json.loads(out).get("message", ""))
    except ValueError:
        return ""


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no answer")


def status(answers: list[Answer]) -> int:
    """The exit status: an open advisory before what was not asked."""
    if any(answer.advisories for answer in answers):
        return OPEN
    return NOT_ASKED if any(answer.why or not answer.n_asked for answer in answers) else 0


def _show(lock: str, answer: Answer) -> Answer:
    print(f"{lock}: {answer.n_asked} packages asked about, {len(answer.advisories)} advisories open")
    for advisory in answer.advisories:
        print(f"  OPEN       {advisory}")
    if answer.why or not answer.n_asked:
        n_missing = f"{answer.n_not_asked} packages" if answer.n_not_asked else "everything in it"
        print(f"  NOT ASKED  {n_missing}. Nothing is known of them. First reason: {answer.why}")
    return answer


if __name__ == "__main__":
    sys.exit(main())
