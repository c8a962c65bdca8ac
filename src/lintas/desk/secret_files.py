"""Secrets that stand in a file of their own, named by the environment."""

from pathlib import Path

from lintas.model.errors import FileError


def text_of(path: str, otherwise: FileError) -> str:
    """What a secret file says, without the blanks around it; empty for no path. Raises `otherwise` when it cannot."""
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise otherwise from error
