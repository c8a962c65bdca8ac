"""A request as a form on paper, for a partner that has no node: what was signed, its digest, and a place to sign."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintas.desk import access, leaving, node_card, typesetting
from lintas.desk.office import Office
from lintas.exchange import contents
from lintas.model.errors import ConflictError, FileError, InputError
from lintas.model.message import Message
from lintas.model.officer import Officer
from lintas.store.messages import OUT, Kept

VERB = "exchange.send"


@dataclass(frozen=True)
class Form:
    """What a form tells. `agency`: the full name of who asks; `sha256`: of the content that it signed."""

    message: Message
    agency: str
    sha256: str


def write(
    office: Office,
    officer: Officer,
    which: str,
    file: Path,
    laid_out: Callable[[Form], Mapping[str, Any]],
    folders: Sequence[Path] = typesetting.FOLDERS,
) -> str:
    """Write a request of this node as a form, by its id or its thread's number; the SHA-256 of the PDF.

    `laid_out`: what a face makes of it, in the officer's language. Raises NotFoundError, InputError for what is no
    request of this node or was recalled, ConflictError for a file that is there, UnavailableError without the fonts.
    """
    kept = leaving.found(office, officer, which, VERB)
    if kept.type != "request" or kept.direction != OUT or kept.recalled_at is not None:
        raise InputError(
            "Only a request that this node sent is written as a form",
            where=kept.id,
            do="Name a request of your own that was not recalled.",
            code="no_form",
        )
    form = Form(contents.restored(kept.content), node_card.own(office).name, kept.sha256)
    made = typesetting.form(laid_out(form), folders)
    _put(file, made)
    digest = hashlib.sha256(made).hexdigest()
    about = f"message {kept.id} to form {file.name[:200]}"
    access.done(office, officer, VERB, about, {"sha256": digest}, subjects=_subjects(kept))
    return digest


def _subjects(kept: Kept) -> list[str]:
    return [f"message:{kept.id}", f"thread:{kept.thread}"]


def _put(file: Path, data: bytes) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(data)
    except FileExistsError as error:
        raise ConflictError("This file is there", where=str(file), do="Name a new one.", code="file_in_use") from error
    except OSError as error:
        raise FileError(
            "This file cannot be written", where=f"{file}: {error.strerror}", do="Name another.", code="bad_path"
        ) from error
