"""The region of three nodes, as the command makes it: processes of their own, HTTP between them."""

import subprocess
import sys
from pathlib import Path

LINTAS = [sys.executable, "-c", "from lintas.cli.main import main; main()"]


def test_the_whole_play_holds_step_by_step(tmp_path: Path) -> None:
    done = subprocess.run(
        [*LINTAS, "region", "demo", "--check", "--folder", str(tmp_path / "region")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("held  ") == 11
    assert "BROKEN" not in done.stdout


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    done = subprocess.run(
        [*LINTAS, "region", "demo", "--check", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "not_a_region" in done.stderr
    assert (tmp_path / "letter.txt").read_text() == "mine"
