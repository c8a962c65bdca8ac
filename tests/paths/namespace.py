"""A network namespace of its own: no interface but a loopback, which is down unless it is asked for."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

UNSHARE = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")


def command(*words: object, has_loopback: bool = False) -> list[str]:
    """A command as it runs in one. Skips the test where that is not permitted."""
    if not shutil.which("unshare") or subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let these tests make a network namespace (unshare --net)")
    if has_loopback:
        return [*UNSHARE, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *map(str, words)]
    return [*UNSHARE, *map(str, words)]


def run(*words: object, folder: Path, has_loopback: bool = False) -> str:
    """Run a command there, with an environment that names no registry; what it printed."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        command(*words, has_loopback=has_loopback),
        cwd=folder,
        env={**kept, "COLUMNS": "200"},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
