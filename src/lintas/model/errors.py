"""The error tree.

    LintasError                 every error that a person may see
    ├── InputError              what was handed in cannot be used as it is
    │   ├── FileError           a file: truncated, foreign, damaged
    │   ├── GuardError          a file reads well, yet its counts say that half of it is missing
    │   └── TooLargeError       over a limit
    ├── NotFoundError           nothing of that name here
    ├── ConflictError           it was so once, or something else holds it
    ├── SignInError             we do not know who is asking
    ├── DeniedError             we know who is asking, and the answer is no
    ├── TooManyCallsError       we know who is asking, and they ask too often
    └── UnavailableError        another machine or file did not answer

Each says what is wrong, where, and what to do, and carries a stable code that scripts may rely on.
"""

from typing import Any


class LintasError(Exception):
    """Root of all errors that reach a person.

    `code`: stable, snake_case. `what`: one sentence. `do`: what the reader can do next.
    `where`: the file, line, element, row or field, when there is one.
    """

    code = "error"

    def __init__(self, what: str, *, do: str, where: str | None = None, code: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.do = do
        self.where = where
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.what}{place}. {self.do} [{self.code}]"

    def as_dict(self) -> dict[str, Any]:
        """The error as it is sent over a wire."""
        return {"code": self.code, "what": self.what, "where": self.where, "do": self.do}


class InputError(LintasError):
    """What was handed in cannot be used as it is."""

    code = "bad_input"


class FileError(InputError):
    """A file is truncated, damaged or of another kind than expected."""

    code = "bad_file"


class GuardError(InputError):
    """A file reads well, but its counts say that part of it is missing."""

    code = "count_guard"


class TooLargeError(InputError):
    """Over a limit of size or number."""

    code = "too_large"


class NotFoundError(LintasError):
    """Nothing of that name is here."""

    code = "not_found"


class ConflictError(LintasError):
    """The thing is no longer, or not yet, in a state that allows this."""

    code = "conflict"


class SignInError(LintasError):
    """Nobody, or nobody we know, is asking."""

    code = "sign_in"


class DeniedError(LintasError):
    """The officer is known and may not do this."""

    code = "denied"


class TooManyCallsError(LintasError):
    """The officer is known and asks more often than the node allows. `wait_s`: until they may ask again."""

    code = "too_many_calls"

    def __init__(self, wait_s: int) -> None:
        super().__init__("You ask more often than this node allows", do="Wait a little, then go on.")
        self.wait_s = wait_s


class UnavailableError(LintasError):
    """Something outside this process did not answer as it should."""

    code = "unavailable"
