"""A message as a form: its fields from what its type carries, and back into what an officer wants to say."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lintas.desk import correspondence
from lintas.desk.post import Draft
from lintas.model.errors import InputError
from lintas.model.handling import CODES, COURT, TLP, USES, Handling
from lintas.web import reporting
from lintas.web.words import N_

_SOURCE = re.compile(r"\s+\[(\d{1,9})\]$", re.ASCII)  # at the end of an item: the message that it is from
KEPT = "kept."  # before what names a file that waits to be sent with the form
LINE = 500  # characters: up to here a field is one line
# What officers read of a field, by its name in a message.
WORDS: Mapping[str, str] = {
    "subject": N_("Subject"),
    "facts": N_("Facts"),
    "reasons": N_("Reasons, and the link to that state"),
    "asked": N_("What is asked"),
    "intended_use": N_("What the answer will be used for"),
    "channel": N_("Channel"),
    "urgency": N_("Urgency"),
    "legal_basis": N_("Legal basis"),
    "subjects": N_("Persons, companies, vessels, accounts"),
    "items": N_("Facts one by one"),
    "officer": N_("Officer"),
    "note": N_("Note"),
    "text": N_("Text"),
    "expected_on": N_("More is expected on"),
    "extent": N_("Extent"),
    "withheld": N_("What is withheld, in words that may be told"),
    "reason": N_("Reason"),
    "explanation": N_("Explanation"),
    "to": N_("For which agency"),
    "why": N_("Why"),
    "conditions": N_("Conditions"),
    "usefulness": N_("How useful it was"),
    "due": N_("Deadline"),
    "reports": N_("Report"),
    "what": N_("What it is"),
    "ship": N_("Ship"),
    "seen_by": N_("Seen by"),
    "imo": N_("IMO number"),
    "mmsi": N_("MMSI"),
    "flag": N_("Flag (two letters)"),
    "began_at": N_("Began (UTC)"),
    "ended_at": N_("Ended (UTC)"),
    "lat_deg": N_("Latitude in degrees, south with a minus"),
    "lon_deg": N_("Longitude in degrees, west with a minus"),
    "place": N_("Place"),
    "other_ship": N_("The other ship"),
    "other_imo": N_("IMO number of the other ship"),
    "cargo": N_("Cargo"),
    "kind": N_("Kind of indicator"),
    "indicator": N_("Indicator"),
    "technique": N_("Technique (MITRE ATT&CK)"),
    "first_seen_at": N_("First seen (UTC)"),
    "last_seen_at": N_("Last seen (UTC)"),
    "said_actor": N_("Said to be by"),
    "hit_countries": N_("Countries that were hit (two letters each)"),
    "programme": N_("Programme"),
    "name": N_("Name"),
    "red_flag": N_("Red flag"),
    "measure": N_("Measure (resolution and paragraph)"),
    "goods": N_("Goods"),
    "hs_code": N_("HS code"),
    "amount": N_("Amount"),
    "currency": N_("Currency"),
    "happened_on": N_("Day"),
    "route": N_("Route (countries, two letters each)"),
    "bank": N_("Bank"),
    "reached_by": N_("How victims were reached"),
    "contact": N_("What victims saw (number, handle, address)"),
    "account": N_("Account"),
    "wallet": N_("Wallet"),
    "n_victims": N_("Victims, how many"),
    "victim_countries": N_("Countries of victims (two letters each)"),
    "aim": N_("Aim"),
    "by": N_("Means"),
    "country": N_("Country (two letters)"),
    "n_persons": N_("Persons, how many"),
    "n_minors": N_("Minors among them"),
    "offered": N_("What was promised"),
}
APART = ("due", "reports")  # what the node writes, and what has a part of the form of its own
HINTS: Mapping[str, str] = {
    "subjects": N_("one a line, as person: Somchai Thongdee"),
    "items": N_("one a line, as account: 12345; with [7] behind it when it is from message 7"),
}
VALUES: Mapping[str, str] = {
    "maritime": N_("maritime"),
    "cyber": N_("cyber"),
    "proliferation_finance": N_("proliferation finance"),
    "fraud": N_("fraud and scams"),
    "trafficking": N_("trafficking"),
    "general": N_("general"),
    "urgent": N_("urgent"),
    "priority": N_("priority"),
    "routine": N_("routine"),
    "final": N_("final"),
    "partial": N_("partial"),
    "nothing": N_("nothing is held"),
    "no_legal_basis": N_("no legal basis"),
    "ongoing_proceedings": N_("proceedings would suffer"),
    "sovereignty": N_("sovereignty or security"),
    "disproportionate": N_("out of proportion"),
    "other_purpose": N_("another purpose than agreed"),
    "insufficient_facts": N_("too few facts"),
    "not_competent": N_("another agency is competent"),
    "decisive": N_("decisive"),
    "useful": N_("useful"),
    "known": N_("known before"),
    "not_useful": N_("not useful"),
    "free": N_("in court: free"),
    "consent": N_("in court: with consent"),
    "never": N_("in court: never"),
    "intelligence": N_("intelligence"),
    "investigation": N_("investigation"),
    "prosecution": N_("prosecution"),
    "asset_recovery": N_("asset recovery"),
    "sanctions": N_("sanctions"),
    "border": N_("border control"),
    "dark": N_("went dark"),
    "false_position": N_("a false position"),
    "transfer": N_("transfer between ships"),
    "identity": N_("another identity"),
    "flag": N_("another flag"),
    "port_call": N_("port call"),
    "documents": N_("documents"),
    "sighting": N_("sighting"),
    "ais": N_("AIS"),
    "satellite": N_("satellite"),
    "inspection": N_("inspection"),
    "person": N_("a person"),
    "other": N_("other"),
    "theft": N_("theft"),
    "intrusion": N_("intrusion"),
    "phishing": N_("phishing"),
    "ransomware": N_("ransomware"),
    "remote_worker": N_("remote worker under a false name"),
    "infrastructure": N_("infrastructure"),
    "ip": N_("IP address"),
    "domain": N_("domain"),
    "url": N_("URL"),
    "email": N_("e-mail address"),
    "sha256": N_("file (SHA-256)"),
    "wallet": N_("wallet"),
    "account": N_("account"),
    "phone": N_("telephone number"),
    "software": N_("software"),
    "payment": N_("payment"),
    "goods": N_("goods"),
    "front_company": N_("front company"),
    "shipping": N_("shipping"),
    "workers": N_("workers abroad"),
    "virtual_asset": N_("virtual asset"),
    "procurement": N_("procurement"),
    "dprk": N_("DPRK"),
    "iran": N_("Iran"),
    "investment": N_("investment"),
    "romance": N_("romance"),
    "impersonation": N_("impersonation"),
    "job": N_("job offer"),
    "loan": N_("loan"),
    "purchase": N_("purchase"),
    "account_takeover": N_("account taken over"),
    "telephone": N_("telephone"),
    "message": N_("message"),
    "social_media": N_("social media"),
    "dating": N_("dating"),
    "advertisement": N_("advertisement"),
    "e_mail": N_("e-mail"),
    "recruitment": N_("recruitment"),
    "transport": N_("transport"),
    "harbouring": N_("harbouring"),
    "release": N_("release"),
    "forced_crime": N_("forced crime (scam centre)"),
    "forced_labour": N_("forced labour"),
    "sexual_exploitation": N_("sexual exploitation"),
    "servitude": N_("servitude"),
    "organs": N_("removal of organs"),
    "deception": N_("deception"),
    "debt": N_("debt"),
    "force": N_("force"),
    "papers_taken": N_("papers taken away"),
    "position_abused": N_("a position abused"),
    "unknown": N_("unknown"),
}


TYPES: Mapping[str, str] = {
    "request": N_("Request"),
    "acknowledgement": N_("Acknowledgement"),
    "interim": N_("Interim answer"),
    "reply": N_("Answer"),
    "refusal": N_("Refusal"),
    "clarification": N_("Clarification"),
    "spontaneous": N_("Spontaneous information"),
    "alert": N_("Alert"),
    "consent_request": N_("Consent asked"),
    "consent_grant": N_("Consent given"),
    "consent_denial": N_("Consent denied"),
    "correction": N_("Correction"),
    "recall": N_("Recall"),
    "recall_ack": N_("Recall carried out"),
    "use_report": N_("Report of use"),
    "purge_attestation": N_("Deletion attested"),
    "key_notice": N_("New keys"),
    "match_offer": N_("Set for private matching"),
    "match_batch": N_("Questions for private matching"),
    "match_answer": N_("Answers for private matching"),
    "match_count": N_("Hits of private matching"),
    "match_canaries": N_("End of an offer for private matching"),
    "match_canary_count": N_("Canaries that were hit"),
}


@dataclass(frozen=True)
class Entry:
    """A field of the form. `kind`: line, text, choice, date, list."""

    name: str
    words: str
    kind: str
    is_required: bool
    choices: tuple[str, ...] = ()
    start: str = ""

    @property
    def hint(self) -> str:
        """How it is written."""
        return HINTS.get(self.name, "" if self.is_required or self.kind == "choice" else N_("may be left empty"))


def entries(body: type[Any]) -> list[Entry]:
    """The fields of a type's body, in their order."""
    hints = get_type_hints(body, include_extras=True)
    return [
        _entry(one.name, hints[one.name], one.default, one.default_factory is MISSING)
        for one in fields(body)
        if one.name not in APART
    ]


def report_entries(body: type[Any]) -> dict[str, list[Entry]]:
    """The fields of a report by channel, for a type that carries reports. Which are required, the message says."""
    if "reports" not in {one.name for one in fields(body)}:
        return {}
    made = dict[str, list[Entry]]()
    for channel in correspondence.channels():
        named = reporting.fields_of(channel)
        made[channel] = [replace(_entry(name, kind, "", True), is_required=False) for name, kind in named.items()]
    return made


def body_of(body: type[Any], given: Mapping[str, str]) -> dict[str, Any]:
    """What the fields say, as the message carries it; what was left empty is left out. Raises InputError."""
    told = dict[str, Any]()
    for entry in entries(body):
        text = given.get(f"body.{entry.name}", "").strip().replace("\r\n", "\n")
        if entry.kind == "list":
            told[entry.name] = [_read(entry.name, line) for line in text.splitlines() if line.strip()]
        elif text or entry.is_required:
            told[entry.name] = text
    if "reports" in {one.name for one in fields(body)} and (
        report := reporting.report_of(str(told.get("channel", "")), given)
    ):
        told["reports"] = [report]
    return told


def handling_of(given: Mapping[str, str]) -> Handling:
    """The handling that was chosen. Raises InputError."""
    until, caveat = given.get("retain_until", ""), given.get("caveat", "").strip()
    onward = given.get("onward", "").split()
    try:
        return Handling(
            tlp=given.get("tlp", "amber"),
            codes=frozenset(code for code in CODES if given.get(f"code.{code}")),
            uses=frozenset(use for use in USES if given.get(f"use.{use}")) or frozenset(USES),
            onward=None if given.get("onward_never") else frozenset(onward),
            court=given.get("court", "consent"),
            retain_until=date.fromisoformat(until) if until else None,
            caveats=frozenset({caveat} if caveat else ()),
        )
    except ValueError as error:
        raise InputError(
            N_("This is no day"), where=until[:20], do=N_("Write it as 2026-12-31."), code="bad_day"
        ) from error


def draft_of(type: str, body: type[Any], given: Mapping[str, str], **where: Any) -> Draft:
    """What an officer wants to say. `where`: peer, or thread and reply_to, and files. Raises InputError."""
    sources = tuple(int(one) for one in given.get("sources", "").split() if one.isascii() and one.isdecimal())
    use = given.get("use", "investigation")
    return Draft(type, body_of(body, given), handling_of(given), use, sources=sources, **where)


def files_of(given: Mapping[str, str]) -> tuple[str, ...]:
    """The files that the form keeps, by what they are named by."""
    return tuple(name.removeprefix(KEPT) for name in given if name.startswith(KEPT))


CHOICES: Mapping[str, tuple[str, ...]] = {"tlp": TLP, "codes": CODES, "court": COURT, "uses": USES}


def _entry(name: str, hint: Any, default: Any, is_plain: bool) -> Entry:
    words, is_required = WORDS.get(name, name), default is MISSING and is_plain
    start = str(default) if isinstance(default, str) else ""
    if get_origin(hint) is Literal:
        return Entry(name, words, "choice", is_required, get_args(hint), start)
    if any(one is date for one in (hint, *get_args(hint))):
        return Entry(name, words, "date", is_required)
    inner, *rules = get_args(hint) or (hint,)
    if inner is not str:
        return Entry(name, words, "list", is_required)
    longest = max((getattr(rule, "max_length", None) or 0 for one in rules for rule in one.metadata), default=0)
    return Entry(name, words, "line" if longest <= LINE else "text", is_required)


def _read(name: str, line: str) -> dict[str, Any]:
    label, colon, value = (part.strip() for part in line.partition(":"))
    if not (label and colon and value):
        raise InputError(
            N_("A line has no colon, or nothing beside it"),
            where=line[:80],
            do=N_("Write what it is, a colon, and what it says."),
            code="bad_line",
        )
    if name == "subjects":
        return {"kind": label, "name": value}
    from_message = _SOURCE.search(value)
    if from_message is None:
        return {"label": label, "value": value}
    return {"label": label, "value": value[: from_message.start()], "source": int(from_message[1])}
