"""What the numbers were taken on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

OURS = ("lintas", "numpy", "scipy", "rapidfuzz", "rigour", "followthemoney", "fastapi", "uvicorn", "sqlalchemy")


def facts() -> dict[str, Any]:
    """Processor, memory, how busy it was, and versions."""
    return {
        "cores": os.cpu_count(),
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in OURS},
    }


def words(machine: dict[str, Any]) -> str:
    """The same in a sentence."""
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB of memory, "
        f"{machine['system']}, Python {machine['python']}, load before the run {machine['load_before']}"
    )


def _field(file: str, name: str) -> str:
    path = Path(file)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "")
