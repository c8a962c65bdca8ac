"""What a served node tells its journal: JSON, one line an event, on the standard error output, with nobody in it.

No address, query, body, header, name or number of anybody is written: of a request the route's template, of an error
its kind and where it arose, never its message, which may quote what was asked. Who did what is in the log of the node.
"""

import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import orjson

MAX_PLACES = 30  # of a traceback, the innermost
# Their messages are sentences of ours or of the server's, and are written without their arguments; of others the
# logger's name has to do.
TRUSTED = ("lintas.", "uvicorn.")


class Line(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, event; then what the event says of itself."""
        is_trusted = record.name.startswith(TRUSTED)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": str(record.msg).strip() if is_trusted else record.name,
        }
        line |= getattr(record, "said", {}) if is_trusted else {"place": f"{record.filename}:{record.lineno}"}
        if record.exc_info and record.exc_info[1] is not None:
            line |= _broken(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


def begin(stream: TextIO | None = None) -> None:
    """Write the journal from here on, of this whole process; errors of threads and warnings too."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Line())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("lintas").setLevel(logging.INFO)
    server = logging.getLogger("uvicorn")
    server.handlers.clear()  # its own would write messages with what they quote
    server.propagate = True
    logging.captureWarnings(capture=True)
    threading.excepthook = _of_thread
    logging.getLogger("lintas.journal").info("begins")


def _of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None:
        about = (failed.exc_type, failed.exc_value, failed.exc_traceback)
        logging.getLogger("lintas.journal").error("a thread broke off", exc_info=about)


def _broken(error: BaseException) -> dict[str, Any]:
    kinds, at = list[str](), error
    while at is not None and len(kinds) < MAX_PLACES:
        kinds.append(type(at).__name__)
        at = at.__cause__ or at.__context__  # type: ignore[assignment]
    places = traceback.extract_tb(error.__traceback__)[-MAX_PLACES:]
    return {"error": kinds, "at": [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in places]}
