"""A request laid out for paper, in a language: the sections of Egmont's request form, in its order."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lintas.desk.forms import Form
from lintas.model.handling import USES, Handling
from lintas.web import words
from lintas.web.drafts import VALUES, WORDS
from lintas.web.words import N_

Say = Callable[[str], str]
# What each code asks of whoever reads the paper (as Europol's SIENA has them).
CODES: Mapping[str, str] = {
    "H1": N_("H1: not in judicial proceedings without our permission"),
    "H2": N_("H2: not to be handed on without our permission"),
    "H3": N_("H3: see the caveat"),
}
KINDS: Mapping[str, str] = {
    "person": N_("Person"),
    "organization": N_("Organization"),
    "vessel": N_("Vessel"),
    "account": N_("Account"),
    "wallet": N_("Wallet"),
    "phone": N_("Phone"),
    "other": N_("Other"),
}
SIGN = (N_("Name"), N_("Position"), N_("Place and day"), N_("Signature and stamp"))


def laid_out(form: Form, language: str) -> Mapping[str, Any]:
    """The form, for `desk/form.typ`."""
    say, message = words.catalogues()[language].gettext, form.message
    return {
        "title": say(N_("Request for information")),
        "author": form.agency,
        "language": language,
        "on": [message.at.year, message.at.month, message.at.day],
        "marking": f"TLP:{message.handling.tlp.upper()}",
        "reference": message.id,
        "rows": [[say(label), lines] for label, lines in _rows(form, say) if lines],
        "sign": [say(label) for label in SIGN],
    }


def _rows(form: Form, say: Say) -> Iterator[tuple[str, list[str]]]:
    message, body = form.message, form.message.body
    yield N_("Requesting agency"), [form.agency, message.issuer]
    yield N_("To"), [message.recipient]
    yield N_("Reference number"), [message.id]
    yield N_("Day"), [f"{message.at:%Y-%m-%d %H:%M} UTC"]
    for name in ("urgency", "channel"):
        yield WORDS[name], [say(VALUES[body[name]])] if name in body else []
    yield WORDS["subject"], [body["subject"]]
    yield WORDS["subjects"], [line for one in body.get("subjects", ()) for line in _subject(one, say)]
    for told in body.get("reports", ()):
        yield WORDS["reports"], [f"{say(WORDS.get(name, name))}: {_value(value, say)}" for name, value in told.items()]
    for name in ("facts", "reasons", "asked", "intended_use", "legal_basis"):
        yield WORDS[name], [line for line in body.get(name, "").splitlines() if line.strip()]
    beside = [f"{one.name}, {one.size_bytes} B, SHA-256 {one.sha256}" for one in message.attachments]
    yield N_("Files that go with it"), beside
    yield N_("Purpose"), [say(VALUES.get(message.use, message.use))]
    yield N_("Handling"), [*_handling(message.handling, say)]
    yield N_("Handing on"), [_onward(message.handling, say)]
    yield N_("SHA-256 of what was signed"), _in_groups(form.sha256)


def _value(value: Any, say: Say) -> str:
    return (
        say(VALUES[value])
        if isinstance(value, str) and value in VALUES
        else ", ".join(map(str, value))
        if isinstance(value, list)
        else str(value)
    )


def _subject(one: Mapping[str, Any], say: Say) -> Iterator[str]:
    yield f"{say(KINDS[one['kind']])}: {one['name']}"
    for item in one.get("properties", ()):
        yield f"– {item['label']}: {item['value']}"


def _handling(held: Handling, say: Say) -> Iterator[str]:
    yield f"TLP:{held.tlp.upper()}"
    yield from (say(CODES[code]) for code in sorted(held.codes))
    if held.uses != set(USES):
        yield say(N_("Only for: %(uses)s")) % {
            "uses": ", ".join(say(VALUES.get(one, one)) for one in sorted(held.uses))
        }
    yield say(VALUES[held.court])
    if held.retain_until:
        yield say(N_("To be deleted after %(day)s")) % {"day": held.retain_until.isoformat()}
    yield from sorted(held.caveats)


def _onward(held: Handling, say: Say) -> str:
    if held.onward is None:
        return say(N_("This information must not be handed on to anybody."))
    if not held.onward:
        return say(N_("This information may be handed on only with our prior written consent, asked case by case."))
    named = N_("This information may be handed on to %(who)s; to anybody else only with our prior written consent.")
    return say(named) % {"who": ", ".join(sorted(held.onward))}


def _in_groups(digest: str) -> list[str]:
    """A digest as people compare it on paper: in groups of eight."""
    return [" ".join(digest[at : at + 8] for at in range(0, len(digest), 8))]
