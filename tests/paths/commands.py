"""The table of the matrix of commands: who may, and how each is called."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import typer

from lintas.cli.main import app
from tests.desk.verbs import ADMIN, CONTENT, MAKERS, STAFF

ISSUER = "https://sso.agency.example"


class Expected(NamedTuple):
    """Who gets in. `other_case` None: the command names nothing of a case.

    `words` follow the command; what stands in braces is filled in. `ends`: codes that end what is permitted, besides 0.
    """

    own: str
    other_case: str | None
    words: str
    ends: str = ""


def to(own: str, words: str = "", ends: str = "") -> Expected:
    """A command to the node."""
    return Expected(own, None, words, ends)


def on(own: str, other_case: str, words: str, ends: str = "") -> Expected:
    """A command on a thing that stands in a place."""
    return Expected(own, other_case, words, ends)


# What no role guards.
OPEN = {
    "custodian key",  # a pair of keys for no node
    "tokens verbs",  # the names of the verbs, the same for everybody
    "verify",  # reads a pack, also where no node is
    # a folder that several states sign, where no node is
    *(f"directory {word}" for word in "key root add-state remove-state put remove renew sign publish".split()),
    "serve",  # of whoever has the node's folder: who signs in on its pages is asked there; its officer is known
    "restore",  # fills a node that is empty: nobody is known there yet, and one that is not empty refuses
    "region demo",  # makes nodes of its own, of fiction
    "upgrade",  # of whoever has the node's folder: the older tables may know no officers
}
HELD = "run_held run_not_held"  # as earlier cells left the run

EXPECTED: dict[str, Expected] = {
    "audit authority": to(ADMIN, "ftp://none", "bad_stamp_authority"),
    "audit export": to("inspector", "{out}.jsonl"),
    "audit find": to("inspector"),
    "audit head": to("administrator custodian inspector", "--out {out}.json"),
    "audit prove": on("inspector", "inspector", "--out {out}.json -- {message}"),
    "audit stamp": to("administrator custodian inspector", "", "no_stamp_authority"),
    "audit verify": to("administrator custodian inspector"),
    "backup": to("administrator custodian", "{out}.age"),
    "custodian add": to("custodian", "{new} {key}"),
    "custodian list": to("administrator custodian"),
    "custodian new": to("custodian", "{new}"),
    "custodian remove": to("custodian", "{custodian}", "unknown_custodian"),
    # Whoever reaches a run is shown it; the others would have to make one.
    "demo": to(CONTENT, "--no-serve"),
    "duties add": to("supervisor", "maker --role analyst --until 2026-12-01 --from 2026-11-30", "bad_time"),
    "duties end": to("supervisor", "999", "unknown_duty"),
    "duties list": to(STAFF),
    "jobs export": on(CONTENT, "supervisor", "{run} csv"),
    "jobs list": to("administrator supervisor"),
    "jobs refresh": to(ADMIN, "ftm", "no_address"),
    "jobs schedule": to(ADMIN, "un_sc --off"),
    "jobs stop": to(ADMIN, "{job}"),
    "jobs work": to(ADMIN),
    "lists load": to("administrator supervisor", "ftm {sample} --fictional"),
    "lists refresh": to("administrator supervisor", "ftm", "no_address"),
    "lists status": to(STAFF),
    "matching ask": on("supervisor liaison", "supervisor", "{run} xb.police none", "unknown_set"),
    "matching offer": on("supervisor liaison", "supervisor", "{run} xb.police {new}"),
    "matching open": to("inspector", "1 none", "no_batch"),
    "matching results": on(CONTENT, "supervisor", "{run}"),
    "matching sets": to("supervisor liaison"),
    "misp read": to("supervisor liaison", "{sample} --root none --collection none", "unknown_root"),
    "misp write": to("supervisor liaison", "{out} --root none --collection none", "unknown_root"),
    "node card": to(STAFF),
    "node init": to("custodian", "xa.fiu --name Again", "node_is_named"),
    "directory pin": to("custodian", "{sample}", "bad_directory"),
    "directory read": to("liaison custodian", "{new}", "no_directory"),
    "directory show": to(STAFF, "", "no_directory"),
    "node move": to("custodian", "https://fiu.example"),
    "node rotate": to("custodian"),
    "agreements add": to("liaison custodian", "{card}", "bad_agreement"),
    "agreements list": to(STAFF),
    "agreements use": to("liaison custodian", "general xc.navy", "unknown_peer"),
    "pouches make": to("liaison custodian", "xc.navy --out {out}", "unknown_peer"),
    "pouches take": to("liaison custodian", "{card} --answer {out}", "bad_envelope"),
    "matching alarms": to(STAFF),
    "matching end": to("supervisor liaison", "xc.navy none", "unknown_offer"),
    "threads timeliness": to(STAFF),
    "peers add": to("liaison custodian", "{card}", "own_card"),
    "peers list": to(STAFF),
    "peers revoke": to("liaison custodian", "xc.navy --reason gone", "unknown_peer"),
    "peers resume": to("liaison custodian", "xc.navy --reason asked", "unknown_peer"),
    "peers suite": to("liaison custodian", "xc.navy hybrid", "unknown_peer"),
    "threads form": on("supervisor liaison", "supervisor liaison", "{thread} --out {out}.pdf", "no_font"),
    "threads list": to(STAFF),
    "threads show": on(CONTENT, "supervisor liaison", "{thread}"),
    "officers add": to(ADMIN, "{new} --role analyst"),
    "officers bind": to(ADMIN, "{officer} --subject sub --issuer " + ISSUER, "bound_already"),
    "officers change": to(ADMIN, "{officer} --name Maker"),
    "officers disable": to(ADMIN, "bob"),
    "officers enable": to(ADMIN, "bob"),
    "officers list": to("administrator supervisor inspector"),
    "officers reset": to(ADMIN, "{locked_out}"),
    "officers unbind": to(ADMIN, "{officer} --issuer " + ISSUER),
    "policies add": to("administrator custodian", "{sample}", "bad_policy_name bad_policy"),
    "policies list": to("administrator custodian inspector"),
    "policies remove": to("administrator custodian", "{new}", "unknown_policy"),
    "retention erase": on("supervisor", "supervisor", "{run} --reason asked", HELD),
    "retention hold": on("supervisor", "supervisor", "{run} --reason trial", HELD),
    "retention keep": to(ADMIN, "3650"),
    "retention release": on("supervisor", "supervisor", "{run} --reason over", HELD),
    "retention run": to(ADMIN),
    "retention show": to("administrator custodian"),
    "screen": to(MAKERS, "{customers} --fictional --out {out}.csv"),
    "sign-in": to(STAFF),
    "taxii account": to("liaison supervisor administrator", "{new} {sample}", "weak_secret"),
    "taxii collections": to(ADMIN),
    "taxii load": to(ADMIN, "{sample}", "bad_taxii_file"),
    "tokens create": to(STAFF),
    "tokens list": to(ADMIN),
    "tokens revoke": to(ADMIN, "{token}"),
}


def commands() -> dict[str, Any]:
    """Every command of `lintas`, by its words."""
    return dict(_leaves(typer.main.get_command(app), ()))


def _leaves(held: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not hasattr(held, "commands"):
        yield " ".join(words), held
        return
    for name, inner in held.commands.items():
        yield from _leaves(inner, (*words, name))
