"""An officer's own page: who they are here, how they sign in, what acts in their name, and what they did."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lintas.desk import passphrases, profile, sessions, trail
from lintas.model.errors import InputError, LintasError
from lintas.model.officer import CLEARANCES, PURPOSES, ROLES, Officer
from lintas.web import choices
from lintas.web.entrance import reached
from lintas.web.refusals import status_of
from lintas.web.rendering import THEMES, languages, page
from lintas.web.signing import Node, Signed, Text
from lintas.web.words import N_

PAGE = 50  # rows of the log
DONE = {
    "purpose": N_("The purpose is kept for this session."),
    "passphrase": N_("The passphrase is kept. Every other session has ended."),
    "passkey": N_("The passkey is kept. Sign in with it from now on."),
    "passkey_gone": N_("The passkey is removed. It signs nobody in any more."),
    "provider": N_("You are bound. Sign in there from now on."),
    "provider_gone": N_("You are bound there no more."),
    "sessions": N_("Your other sessions have ended."),
    "session": N_("That session has ended."),
    "token_gone": N_("The token is revoked. It works no more."),
    "email": N_("The mail address is kept."),
    "pages": N_("Your choices are kept, and come with you when you sign in elsewhere."),
}
# Words of the policies and the log, for translators.
SAID = (
    *(N_("analyst"), N_("supervisor"), N_("liaison"), N_("inspector"), N_("administrator"), N_("custodian")),
    *(N_("open"), N_("restricted"), N_("confidential"), N_("secret")),
    *(N_("screening"), N_("investigation"), N_("cooperation"), N_("oversight"), N_("administration"), N_("training")),
    *(N_("asked"), N_("done"), N_("refused")),
    *(N_("a link"), N_("a passphrase"), N_("a passkey")),
    N_("own"),
)

router = APIRouter()


@router.get("/profile")
def show(request: Request, node: Node, officer: Signed, done: str = "") -> HTMLResponse:
    """The page."""
    return _page(request, node, officer, done=DONE.get(done, ""))


@router.get("/profile/log")
def log(
    request: Request,
    node: Node,
    officer: Signed,
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """What the officer did."""
    found = trail.own(node, officer, limit=PAGE, offset=(page_number - 1) * PAGE)
    n_pages = max(1, -(-found.total // PAGE))
    return page(request, "profile_log.html", trail=found, page_number=page_number, n_pages=n_pages, per_page=PAGE)


@router.post("/profile/purpose")
def purpose(node: Node, officer: Signed, wanted: Text = "", back: Text = "/profile?done=purpose") -> Response:
    """Say what this session is for."""
    sessions.set_purpose(node, officer, wanted)
    return RedirectResponse(choices.own_path(back), status_code=303)


@router.post("/profile/email")
def email(request: Request, node: Node, officer: Signed, address: Text = "") -> Response:
    """Where the officer is told that something waits."""
    try:
        profile.set_email(node, officer, address)
    except InputError as error:
        return _page(request, node, officer, error=error, place="email")
    return RedirectResponse("/profile?done=email#email", status_code=303)


@router.post("/profile/passphrase")
def passphrase(
    request: Request, node: Node, officer: Signed, new: Text = "", again: Text = "", current: Text = ""
) -> Response:
    """Set or change the passphrase."""
    try:
        if new != again:
            raise InputError(
                N_("The two do not agree"), do=N_("Write the new passphrase twice, the same."), code="not_the_same"
            )
        passphrases.set_own(node, officer, new, current)
    except LintasError as error:
        return _page(request, node, officer, error=error, place="passphrase")
    return RedirectResponse("/profile?done=passphrase#passphrase", status_code=303)


@router.post("/profile/sessions/end")
def end_others(node: Node, officer: Signed) -> Response:
    """End every other session."""
    sessions.end_others(node, officer)
    return RedirectResponse("/profile?done=sessions#sessions", status_code=303)


@router.post("/profile/sessions/end-one")
def end_one(node: Node, officer: Signed, session: Text = "") -> Response:
    """End one of them."""
    sessions.end_mine(node, officer, session)
    return RedirectResponse("/profile?done=session#sessions", status_code=303)


@router.post("/profile/tokens")
def create_token(
    request: Request,
    node: Node,
    officer: Signed,
    scope: Annotated[list[str], Form(default_factory=list)],
    label: Text = "",
    days: Text = "90",
) -> Response:
    """Make a token, and show it this once."""
    try:
        if not scope:
            raise InputError(
                N_("A token that may do nothing is none"), do=N_("Choose what it is for."), code="no_scope"
            )
        lives = timedelta(days=_days(days))
        token = sessions.create_token(node, officer, scope, label=label, lives=lives)
    except LintasError as error:
        return _page(request, node, officer, error=error, place="tokens")
    return _page(request, node, officer, token=token)


@router.post("/profile/tokens/revoke")
def revoke_token(node: Node, officer: Signed, token: Text = "") -> Response:
    """Take a token back."""
    sessions.revoke_my_token(node, officer, token)
    return RedirectResponse("/profile?done=token_gone#tokens", status_code=303)


@router.post("/profile/pages")
def choose(
    request: Request, node: Node, officer: Signed, language: Text = "", theme: Text = "", keys: Text = ""
) -> Response:
    """Keep the choice of language, theme and keys, here and for the next sign-in."""
    chosen = {
        "language": language if language in languages(request) else "",
        "theme": theme if theme in THEMES else "",
        "keys": "off" if keys == "off" else "",
    }
    profile.choose(node, officer, chosen)
    answer = RedirectResponse("/profile?done=pages#pages", status_code=303)
    choices.apply(answer, request, chosen)
    return answer


def _page(request: Request, node: Node, officer: Officer, **told: Any) -> HTMLResponse:
    error: LintasError | None = told.get("error")
    return page(
        request,
        "profile.html",
        200 if error is None else status_of(error),
        held=profile.show(node, officer),
        **reached(request),
        roles=[role for role in ROLES if role in officer.roles],
        clearance=CLEARANCES[officer.clearance],
        purposes=PURPOSES,
        done=told.get("done", ""),
        error=error,
        place=told.get("place", ""),
        token=told.get("token", ""),
        limits={"shortest": passphrases.SHORTEST, "longest": passphrases.LONGEST},
    )


def _days(text: str) -> int:
    if not text.strip().isdecimal() or not 0 < int(text) <= sessions.TOKEN_LIVES.days:
        raise InputError(N_("A token lives 1 to 365 days"), do=N_("Write how many days, in digits."), code="bad_life")
    return int(text)
