"""What officers decide on matches: one or many, of one run or of several, under one reason."""

from collections.abc import Mapping, Sequence

from lintas.desk import access, reasons, result_files
from lintas.desk.office import Office
from lintas.model.errors import ConflictError, InputError
from lintas.model.officer import Officer
from lintas.model.run import VERDICTS
from lintas.store import runs


def decide(
    office: Office,
    officer: Officer,
    chosen: Mapping[int, Sequence[int]],
    verdict: str | None,
    reason: str,
    *,
    if_open: bool = False,
    seen: int | None = None,
) -> int:
    """Decide matches, given by run, all of them or none; how many. `verdict` None reopens.

    `if_open`: only as long as nobody else decided any of them. `seen`: only as long as each has as many decisions as
    the officer saw, so that a page that was left open overrules nobody unseen. Raises InputError without a reason,
    NotFoundError when a match is not of its run, ConflictError when one was decided meanwhile.
    """
    wanted = {run: list(dict.fromkeys(numbers)) for run, numbers in chosen.items()}
    reason, n = reasons.cleaned(reason), sum(len(numbers) for numbers in wanted.values())
    for run, numbers in wanted.items():
        what = {"matches": numbers, "verdict": verdict and verdict[:40]}
        access.require(office, officer, "runs.decide", f"run {run}", what, on=("run", run))
    _check(verdict, reason, n)
    with office.database.write() as connection:
        n_decided = 0
        for run, numbers in wanted.items():
            result_files.check_kept(runs.get(connection, run))
            runs.check_matches(connection, numbers, run=run)
            if seen is not None and any(runs.n_decisions(connection, one, run=run) != seen for one in numbers):
                raise _meanwhile(n, n)
            n_decided += runs.decide(
                connection,
                numbers,
                verdict=verdict,
                reason=reason,
                officer=officer.id,
                at=office.now(),
                if_open=if_open,
            )
        if n_decided < n:
            raise _meanwhile(n, n - n_decided)
    for run, numbers in wanted.items():
        access.done(office, officer, "runs.decide", f"run {run}", {"matches": numbers}, subjects=[f"run:{run}"])
    return n


def _meanwhile(n: int, n_decided: int) -> ConflictError:
    return ConflictError(
        f"Of the {n} chosen, {n_decided} were decided by somebody meanwhile",
        do="Nothing was changed. Load the page again and look at what is left.",
        code="decided_meanwhile",
    )


def _check(verdict: str | None, reason: str, n: int) -> None:
    if verdict is not None and verdict not in VERDICTS:
        known = ", ".join(VERDICTS)
        raise InputError(f"No verdict {verdict[:40]!r}", do=f"Use one of: {known}.", code="unknown_verdict")
    if len(reason) < reasons.MIN_REASON:
        raise InputError("A decision needs a reason", do="Write why, in a few words.", code="no_reason")
    if n == 0:
        raise InputError("No match was chosen", do="Choose at least one.", code="no_match_chosen")
