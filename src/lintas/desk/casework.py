"""Cases as far as access hangs on them: open, assign, close. Runs in a case are open to the officers assigned."""

from dataclasses import dataclass

from lintas.desk import access, policy
from lintas.desk.office import Office
from lintas.model.case import Case
from lintas.model.errors import ConflictError, InputError, NotFoundError
from lintas.model.officer import RESTRICTED, Officer
from lintas.model.run import Run
from lintas.model.scope import NOTHING
from lintas.model.text import clean_text
from lintas.store import cases, officers, runs
from lintas.store.officers import Standing

LONGEST_TITLE = 200  # characters
_OFFERED = ("cases.assign", "cases.close")


@dataclass(frozen=True)
class Cases:
    """The cases that an officer reaches, the newest first."""

    cases: tuple[Case, ...]
    may_open: bool


@dataclass(frozen=True)
class CaseView:
    """One case: its runs, who sees it, and what the officer may do there."""

    case: Case
    runs: tuple[Run, ...]  # those of its runs that the officer reaches
    seen_by: tuple[str, ...]
    rights: frozenset[str]
    assignable: tuple[str, ...]  # officers who are cleared for it and not assigned yet
    loose: tuple[Run, ...]  # runs in no case that the officer may put into it


def open_case(office: Office, officer: Officer, title: str, *, clearance: int = RESTRICTED) -> Case:
    """Open a case and be assigned to it. Raises InputError without a title, or above one's own clearance."""
    access.require(office, officer, "cases.open", title[:LONGEST_TITLE])
    title = clean_text(title)[:LONGEST_TITLE]
    if not title:
        raise InputError("A case needs a title", do="Write what it is about.", code="no_title")
    check_clearance(officer, clearance)
    at = office.now()
    with office.database.write() as connection:
        number = cases.open_case(
            connection,
            title=title,
            agency=officer.agency,
            clearance=clearance,
            opened_by=officer.id,
            opened_at=at,
        )
        cases.assign(connection, number, officer.id, by=officer.id, at=at)
        made = cases.case(connection, number)
    access.done(office, officer, "cases.open", f"case {number}", subjects=[f"case:{number}"])
    return made


def all_cases(office: Office, officer: Officer) -> list[Case]:
    """The cases that an officer reaches, the newest first."""
    access.require(office, officer, "inbox.read", "all cases")
    scope = access.reach(office, officer, "cases.read", "case")
    with office.database.read() as connection:
        return cases.reachable(connection, scope)


def overview(office: Office, officer: Officer) -> Cases:
    """All of them, and whether the officer may open one."""
    return Cases(tuple(all_cases(office, officer)), access.may(office, officer, "cases.open"))


def show(office: Office, officer: Officer, number: int) -> CaseView:
    """One case with all that its page shows. Raises NotFoundError."""
    held = get(office, officer, number)
    rights = access.rights(office, officer, _OFFERED, on=("case", number)) if held.closed_at is None else frozenset()
    seen = access.reach(office, officer, "runs.read", "run")
    assign = access.reach(office, officer, "runs.assign", "run") if held.closed_at is None else NOTHING
    with office.database.read() as connection:
        inside, loose = runs.in_case(connection, seen, number), runs.in_case(connection, assign, None)
        known = officers.everybody(connection) if "cases.assign" in rights else []
    return CaseView(
        held,
        tuple(inside),
        access.audience(office, "cases.read", on=("case", number)),
        rights,
        tuple(one.officer.id for one in known if one.officer.id not in held.officers and _is_of_use(one, held)),
        tuple(loose),
    )


def get(office: Office, officer: Officer, number: int) -> Case:
    """One case. Raises NotFoundError."""
    access.require(office, officer, "cases.read", f"case {number}", on=("case", number))
    with office.database.read() as connection:
        return cases.case(connection, number)


def assign(office: Office, officer: Officer, number: int, officer_id: str) -> Case:
    """Assign an officer of the same agency, cleared for it. Raises NotFoundError, InputError."""
    about = f"{officer_id[:64]} to case {number}"
    access.require(office, officer, "cases.assign", about, on=("case", number))
    with office.database.write() as connection:
        held, known = cases.case(connection, number), officers.get(connection, officer_id)
        if known is None or known.disabled_at is not None:
            raise NotFoundError(
                f"No officer {officer_id[:64]!r} on this node", do="See the list of officers.", code="unknown_officer"
            )
        if not _is_cleared(known, held):
            raise InputError(
                f"{officer_id} is of another agency or not cleared for case {number}",
                do="Choose another officer, or ask an administrator for the clearance.",
                code="not_cleared",
            )
        cases.assign(connection, number, officer_id, by=officer.id, at=office.now())
        held = cases.case(connection, number)
    access.done(office, officer, "cases.assign", about, subjects=[f"case:{number}"])
    return held


def withdraw(office: Office, officer: Officer, number: int, officer_id: str) -> Case:
    """An officer is no longer assigned; from now on they do not reach its runs."""
    about = f"{officer_id[:64]} from case {number}"
    access.require(office, officer, "cases.assign", about, on=("case", number))
    with office.database.write() as connection:
        cases.withdraw(connection, number, officer_id)
        held = cases.case(connection, number)
    access.done(office, officer, "cases.assign", about, subjects=[f"case:{number}"])
    return held


def close(office: Office, officer: Officer, number: int) -> Case:
    """Close a case: its officers no longer reach its runs by it; supervisors do."""
    access.require(office, officer, "cases.close", f"case {number}", on=("case", number))
    with office.database.write() as connection:
        if cases.case(connection, number).closed_at is not None:
            raise ConflictError(f"Case {number} is closed already", do="Nothing is left to do.", code="case_closed")
        cases.close(connection, number, at=office.now())
        held = cases.case(connection, number)
    access.done(office, officer, "cases.close", f"case {number}", subjects=[f"case:{number}"])
    return held


def put_run(office: Office, officer: Officer, run: int, case: int) -> None:
    """Put a run into a case that one reaches oneself, so that its officers reach the run."""
    about = f"run {run} into case {case}"
    access.require(office, officer, "runs.assign", about, on=("run", run))
    access.require(office, officer, "cases.read", about, on=("case", case))
    with office.database.read() as connection:
        held = runs.get(connection, run)
    if held.case is not None and held.created_by != officer.id:
        _require_command(office, officer, held.case, run)
    with office.database.write() as connection:
        if cases.case(connection, case).closed_at is not None:
            raise ConflictError(f"Case {case} is closed", do="Choose another.", code="case_closed")
        runs.change(connection, run, case=case)
    access.done(office, officer, "runs.assign", about, subjects=[f"run:{run}", f"case:{case}"])


def _require_command(office: Office, officer: Officer, case: int, run: int) -> None:
    """Whoever is only assigned to a case cannot carry its runs off into another one, where they would keep them."""
    if "cases.assign" not in access.rights(office, officer, ("cases.assign",), on=("case", case)):
        raise ConflictError(
            f"Run {run} is in case {case}", do="Ask its maker or a supervisor to move it.", code="run_in_case"
        )


def _is_cleared(known: Standing, held: Case) -> bool:
    who = known.officer
    return known.disabled_at is None and who.agency == held.agency and who.clearance >= held.clearance


def _is_of_use(known: Standing, held: Case) -> bool:
    """Cleared, and of a role that sees content at all."""
    return _is_cleared(known, held) and bool(known.officer.roles & set(policy.GROUPS["content"]))


def check_clearance(officer: Officer, clearance: int) -> None:
    """Raises InputError for a clearance that is none or above the officer's own: nobody makes what they cannot see."""
    if not 0 <= clearance <= officer.clearance:
        raise InputError(
            f"Clearance {clearance} is above your own", do="Choose one up to your own.", code="not_cleared"
        )
