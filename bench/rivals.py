"""The rival's environment: `.venv-rivals`, installed from `bench/rivals.lock` with hashes."""

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from bench.places import ROOT

ENVIRONMENT = ROOT / ".venv-rivals"
LOCK = ROOT / "bench" / "rivals.lock"
STAMP = ENVIRONMENT / ".installed"  # the hash of the lock file it was installed from


def python() -> Path | None:
    """The interpreter of the environment; None when it was not made, or from another lock file."""
    if not STAMP.is_file() or STAMP.read_text(encoding="utf-8") != _digest():
        return None
    return ENVIRONMENT / "bin" / "python"


def setup() -> bool:
    """Make the environment unless it is there; whether it is there now."""
    if python() is not None:
        return True
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    # Beside the compiler and ICU's headers that `make setup` sees to, nothing of the machine is needed.
    steps = (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)],
        [uv, "pip", "install", "--quiet", "--python", str(ENVIRONMENT), "--require-hashes", "-r", str(LOCK)],
    )
    print("bench: installing the rival into .venv-rivals", file=sys.stderr)
    try:
        for step in steps:
            subprocess.run(step, check=True, cwd=ROOT)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"bench: the rival could not be installed: {error}", file=sys.stderr)
        return False
    STAMP.write_text(_digest(), encoding="utf-8")
    return True


def _digest() -> str:
    return sha256(LOCK.read_bytes()).hexdigest()
