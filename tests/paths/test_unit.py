"""The systemd unit: systemd understands it, finds little to object to, and the node works under its memory rule."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).resolve().parents[2] / "packaging/lintas.service"
MAX_EXPOSURE = 1.5  # of 10, as `systemd-analyze security` counts; a service without any rule has 9.6
# prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN), which programs that it starts keep; linux/prctl.h.
UNDER_RULE = (
    "import ctypes, os, sys; libc = ctypes.CDLL(None, use_errno=True);"
    "libc.prctl(65, 1, 0, 0, 0) == 0 or sys.exit(125); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if not found:
        pytest.skip("systemd-analyze is not here")
    return found


def test_systemd_understands_every_line_of_the_unit(analyze: str, tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    command = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE)
    assert command
    unit = tmp_path / "lintas.service"
    unit.write_text(text.replace(command[1], sys.executable))  # verify looks whether the command is there
    done = subprocess.run([analyze, "verify", unit], check=False, capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if "lintas.service" in line] == []
    assert done.returncode == 0


def test_systemd_finds_the_unit_well_closed(analyze: str) -> None:
    done = subprocess.run([analyze, "security", "--offline=true", UNIT], check=False, capture_output=True, text=True)
    found = re.search(r"Overall exposure level for lintas.service: ([0-9.]+)", done.stdout)
    if not found:
        pytest.skip(f"this systemd-analyze does not judge a file: {done.stderr.strip()}")
    assert float(found[1]) <= MAX_EXPOSURE


def test_the_node_screens_where_memory_is_never_both_writable_and_executable(tmp_path: Path) -> None:
    assert "MemoryDenyWriteExecute=yes" in UNIT.read_text(encoding="utf-8")
    words = ("--node", str(tmp_path / "node"), "demo", "--no-serve")
    command = [sys.executable, "-c", UNDER_RULE, "-c", "from lintas.cli.main import main; main()", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"})
    if done.returncode == 125:
        pytest.skip("this kernel has no PR_SET_MDWE (Linux 6.3)")
    assert done.returncode == 0, done.stderr
    assert "25 customers" in done.stdout
