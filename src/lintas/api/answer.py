"""What this face sends: JSON, written by orjson."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

FICTIONAL = "X-Lintas-Fictional"


class Answer(Response):
    """A JSON response. `is_fictional` says in a header that lists were asked that are made up, for training."""

    media_type = "application/json"

    def __init__(
        self,
        content: Any,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        is_fictional: bool = False,
    ) -> None:
        super().__init__(content, status_code, headers)
        if is_fictional:
            self.headers[FICTIONAL] = "true"

    def render(self, content: Any) -> bytes:
        """The body."""
        return orjson.dumps(content)
