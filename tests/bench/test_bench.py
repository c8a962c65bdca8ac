"""The measurements themselves are no tests; they only must not invent numbers."""

import os
import subprocess
import sys
from pathlib import Path

from bench import places


def test_without_the_real_data_nothing_is_measured_and_that_is_said(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bench"],
        cwd=places.ROOT,
        env={**os.environ, "LINTAS_SHARED": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "nothing was measured" in ended.stdout
    assert str(tmp_path / "data" / "lists" / "un_consolidated_2026-02-27.xml") in ended.stdout
    assert "###" not in ended.stdout
