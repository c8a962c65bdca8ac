"""Administration: officers, tokens, work in the background, settings, health. No content of anybody's data."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import health, jobs, officers, sessions, settings, trail
from lintas.desk.office import Office
from lintas.model.errors import DeniedError, InputError, LintasError, NotFoundError
from lintas.model.officer import CLEARANCES, OWN_AGENCY, ROLES, Officer
from lintas.web import offers
from lintas.web.entrance import Entrance
from lintas.web.refusals import status_of
from lintas.web.rendering import page
from lintas.web.runs import LAST_NUMBER, Number
from lintas.web.signing import Node, Signed, Text
from lintas.web.words import N_

MAY: Mapping[str, str] = {
    "analyst": N_("Screens customer files and decides, in runs of their own and of cases that they are assigned to."),
    "supervisor": N_(
        "Sees and decides every run of their agency, assigns cases, loads lists, sees who looked at a dossier, and is "
        "the second officer where one is asked for."
    ),
    "liaison": N_("Searches the lists and reads the runs of cases that they are assigned to. Decides nothing."),
    "inspector": N_("Reads the log, and reviews emergency access. Sees no customer and no run."),
    "administrator": N_("Looks after officers, tokens, lists, settings and the machine. Sees no customer and no run."),
    "custodian": N_("Keeps keys and backups, and is the second officer when a legal hold is lifted."),
}
FOUR_EYES: Mapping[str, str] = {
    "outcomes.freeze": N_("To say that assets were frozen"),
    "outcomes.report": N_("To say that a report was made"),
    "outcomes.reject": N_("To say that the business was turned away"),
    "runs.release": N_("To lift a legal hold"),
    "runs.erase": N_("To erase a run before its time"),
    "backup.keys": N_("To change whose keys open the backups"),
    "policies.change": N_("To change what the agency forbids over the common policies"),
}
CLOCKS: Mapping[str, str] = {
    "review_within_h": N_("A match waits for its first decision"),
    "answer_within_h": N_("More was asked for, and no answer came"),
    "freeze_within_h": N_("A true match waits for what is done about it"),
    "glass_review_within_h": N_("Emergency access waits for its review"),
}
CHECKS: Mapping[str, str] = {
    "database": N_("Database"),
    "log": N_("Log"),
    "policies": N_("Policies"),
    "index": N_("Index"),
    "worker": N_("Worker"),
    "disk": N_("Disk"),
    "lists": N_("Lists"),
    "jobs": N_("Work in the background"),
    "peers": N_("Nodes of other agencies"),
    "stamps": N_("Time stamps"),
    "mail": N_("Mail"),
}
KINDS: Mapping[str, str] = {
    "screen": N_("Screening"),
    "refresh": N_("Refresh of a list"),
    "export": N_("Export"),
    "retention": N_("Retention"),
    "deliver": N_("Delivery to another agency"),
    "fetch": N_("Fetching from other agencies"),
    "stamp": N_("Time stamp of the log"),
    "notify": N_("Mail to who is on duty"),
    "check": N_("Check of files that came in"),
}
DONE = {
    "added": N_("The officer is added. Make a link, so that they can sign in."),
    "changed": N_("It is kept, and holds at once."),
    "disabled": N_("The officer is disabled. Their sessions, links and tokens have ended."),
    "enabled": N_("The officer is let in again."),
    "revoked": N_("The token is revoked. It works no more."),
    "stopped": N_("The work is stopped."),
    "set": N_("The setting is kept, and holds at once."),
}

router = APIRouter()

Chosen = Annotated[list[str], Form(default_factory=list)]


@router.get("/administration")
def first(node: Node, officer: Signed) -> Response:
    """The first part that is this officer's."""
    mine = offers.offers(node)[1](officer)
    if not mine:
        officers.everybody(node, officer)  # is refused, and the refusal logged
    return RedirectResponse(f"/administration/{mine[0].name}", status_code=303)


@router.get("/administration/officers")
def everybody(request: Request, node: Node, officer: Signed, done: str = "") -> HTMLResponse:
    """Who works here."""
    return _page(request, "officers", held=officers.everybody(node, officer), done=done)


@router.get("/administration/officer")
def new(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """The form for a new officer."""
    return _form(request, None, told=officers.blank(node, officer))


@router.post("/administration/officer")
def add(
    request: Request,
    node: Node,
    officer: Signed,
    role: Chosen,
    officer_id: Text = "",
    name: Text = "",
    agency: Text = "",
    clearance: Text = "",
) -> Response:
    """Make an officer known."""
    told = Officer(officer_id.strip()[:64], frozenset(role), name, agency.strip() or OWN_AGENCY)
    try:
        rank = _rank(clearance)
        officers.add(node, officer, told.id, roles=role, name=name, agency=told.agency, clearance=rank)
    except LintasError as error:
        return _form(request, None, told=told, error=error)
    return RedirectResponse(f"/administration/officer/{told.id}?done=added", status_code=303)


@router.get("/administration/officer/{officer_id}")
def one(request: Request, node: Node, officer: Signed, officer_id: str, done: str = "") -> HTMLResponse:
    """One officer, and what can be done about them."""
    return _form(request, _standing(node, officer, officer_id), done=done)


@router.post("/administration/officer/{officer_id}")
def change(
    request: Request,
    node: Node,
    officer: Signed,
    officer_id: str,
    role: Chosen,
    name: Text = "",
    agency: Text = "",
    clearance: Text = "",
) -> Response:
    """Give an officer other roles, clearance, agency or name."""
    try:
        rank, where = _rank(clearance), agency.strip() or OWN_AGENCY
        officers.change(node, officer, officer_id, roles=role, clearance=rank, agency=where, name=name)
    except (InputError, DeniedError) as error:
        return _form(request, _standing(node, officer, officer_id), error=error)
    return RedirectResponse(f"/administration/officer/{officer_id}?done=changed", status_code=303)


@router.post("/administration/officer/{officer_id}/disable")
def disable(node: Node, officer: Signed, officer_id: str) -> Response:
    """Let an officer in no more."""
    officers.disable(node, officer, officer_id)
    return RedirectResponse(f"/administration/officer/{officer_id}?done=disabled", status_code=303)


@router.post("/administration/officer/{officer_id}/enable")
def enable(node: Node, officer: Signed, officer_id: str) -> Response:
    """Let an officer in again."""
    officers.enable(node, officer, officer_id)
    return RedirectResponse(f"/administration/officer/{officer_id}?done=enabled", status_code=303)


@router.post("/administration/officer/{officer_id}/reset")
def reset(request: Request, node: Node, officer: Signed, officer_id: str) -> HTMLResponse:
    """Take away how an officer signs in, and show a link that signs them in, this once."""
    secret = officers.reset(node, officer, officer_id)
    held: Entrance = request.app.state.entrance
    link = sessions.address_of(secret, str(held.origin or str(request.base_url).rstrip("/")))
    return _form(request, _standing(node, officer, officer_id), link=link)


@router.get("/administration/tokens")
def tokens(request: Request, node: Node, officer: Signed, token: str = "", done: str = "") -> HTMLResponse:
    """Every token that works, and one of them in full."""
    held = sessions.all_tokens(node, officer)
    return _page(request, "tokens", held=held, one=next((it for it in held if it.id == token), None), done=done)


@router.post("/administration/tokens/revoke")
def revoke(node: Node, officer: Signed, token: Text = "") -> Response:
    """Take a token back."""
    sessions.revoke_token(node, officer, token)
    return RedirectResponse("/administration/tokens?done=revoked", status_code=303)


@router.get("/administration/jobs")
def work(
    request: Request,
    node: Node,
    officer: Signed,
    job: Annotated[int, Query(ge=0, le=LAST_NUMBER)] = 0,
    done: str = "",
) -> HTMLResponse:
    """The newest work in the background, and one piece of it in full."""
    held = jobs.latest(node, officer)
    chosen = next((it for it in held if it.number == job), None)
    if chosen is None and job:
        chosen = jobs.get(node, officer, job)
    return _page(request, "jobs", held=held, one=chosen, done=done)


@router.post("/administration/jobs/{number}/stop")
def stop(node: Node, officer: Signed, number: Number) -> Response:
    """Stop a piece of work."""
    jobs.stop(node, officer, number)
    return RedirectResponse(f"/administration/jobs?job={number}&done=stopped", status_code=303)


@router.get("/administration/settings")
def set_so_far(request: Request, node: Node, officer: Signed, done: str = "") -> HTMLResponse:
    """What is set."""
    return _page(request, "settings", held=settings.read(node, officer), done=done, **_ASKED)


@router.post("/administration/settings")
def set_one(request: Request, node: Node, officer: Signed, verb: Chosen, name: Text = "", value: Text = "") -> Response:
    """Change one setting."""
    try:
        settings.change(node, officer, name, verb if name == "four_eyes" else _number(name, value))
    except InputError as error:
        return _page(request, "settings", held=settings.read(node, officer), error=error, place=name, **_ASKED)
    return RedirectResponse("/administration/settings?done=set", status_code=303)


@router.get("/administration/health")
def how(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """How the node is."""
    return _page(request, "health", held=health.state(node, officer), checks=CHECKS)


@router.get("/administration/log")
def log(request: Request, node: Node, officer: Signed) -> HTMLResponse:
    """Whether the log is whole, for who verifies it and may not read it."""
    return _page(request, "log", standing=trail.head(node, officer))


_ASKED = {"four_eyes": FOUR_EYES, "clocks": CLOCKS}


def _page(request: Request, section: str, **told: Any) -> HTMLResponse:
    error: LintasError | None = told.get("error")
    done = DONE.get(told.pop("done", ""), "")
    return page(
        request,
        f"administration_{section}.html",
        200 if error is None else status_of(error),
        **{
            "section": section,
            "done": done,
            "error": None,
            "place": "",
            "clearances": CLEARANCES,
            "kinds": KINDS,
            **told,
        },
    )


def _form(request: Request, held: Any, **told: Any) -> HTMLResponse:
    """The page of one officer; of a new one when `held` is None."""
    who = told.pop("told", None) or held.officer
    return _page(request, "officer", **{"held": held, "who": who, "roles": ROLES, "may_what": MAY, "link": "", **told})


def _standing(node: Office, officer: Officer, officer_id: str) -> Any:
    for held in officers.everybody(node, officer):
        if held.officer.id == officer_id:
            return held
    raise NotFoundError(N_("There is no such officer"), do=N_("See the list of officers."), code="unknown_officer")


def _rank(clearance: str) -> int:
    if clearance not in CLEARANCES:
        raise InputError(N_("There is no such clearance"), do=N_("Choose one of the list."), code="unknown_clearance")
    return CLEARANCES.index(clearance)


def _number(name: str, text: str) -> float | int | None:
    """What was written: days are whole, and none when nothing was written."""
    written = text.strip().replace(",", ".")
    try:
        if name == "retention_days":
            return int(written) if written else None
        return float(written)
    except ValueError as error:
        raise InputError(
            N_("This is no number"), where=text[:40], do=N_("Write it in digits."), code="bad_setting"
        ) from error
