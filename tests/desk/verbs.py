"""The table of the matrix: for every verb of the desk, who may, what the log calls it, and how it is called."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import update

from lintas.desk import (
    alarms,
    attaching,
    backup,
    canary,
    casework,
    correspondence,
    custodians,
    deadlines,
    decisions,
    demonstration,
    directory,
    dossier,
    duties,
    exports,
    files,
    forms,
    four_eyes,
    glass,
    health,
    inbox,
    intake,
    jobs,
    matching,
    measures,
    misp,
    node_card,
    officers,
    oidc,
    outcomes,
    overlays,
    passkeys,
    passphrases,
    peers,
    post,
    pouches,
    profile,
    proofs,
    proposals,
    purging,
    refresh,
    retention,
    rotation,
    runs,
    screening,
    sessions,
    settings,
    stamps,
    taxii,
    taxii_accounts,
    taxii_loading,
    taxii_writing,
    timeliness,
    trail,
    witness,
)
from lintas.desk.office import Office, Settings, open_office
from lintas.desk.origin import Origin
from lintas.desk.provider import Provider
from lintas.model.case import Case
from lintas.model.errors import ConflictError, LintasError
from lintas.model.handling import Handling
from lintas.model.log import Wanted
from lintas.model.officer import OWN_AGENCY, ROLES, Officer
from lintas.model.run import Run
from lintas.sources import catalogue
from lintas.store import messages
from lintas.store.tables import broken_glass
from tests.desk.cast import ALICE, enlist
from tests.nodes.neighbour import met

STAFF = " ".join(ROLES)
CONTENT = "analyst supervisor liaison"
MAKERS = "analyst supervisor"
TAXII = "liaison supervisor"
ADMIN = "administrator"


class Place(NamedTuple):
    """Things of one case of one agency."""

    run: int
    match: int
    case: int
    spare: int  # another case, to be closed
    proposal: int
    thread: int


class World(NamedTuple):
    """A node with every sample list, an officer of each role, and the same things in three places."""

    office: Office
    officers: Mapping[str, Officer]
    places: Mapping[str, Place]

    def runs_of(self, officer: Officer) -> list[Run]:
        return runs.latest(self.office, officer)

    def cases_of(self, officer: Officer) -> list[Case]:
        return casework.all_cases(self.office, officer)


class Verb(NamedTuple):
    """`own`: roles that may in their own case. `other_case`: those that may in any of their agency; None: no place."""

    own: str
    named: str  # more than one when a call asks more than once
    call: Callable[[Office, Officer, Place], Any]
    other_case: str = ""
    is_placed: bool = False
    fails_with: tuple[type[Exception], ...] = ()  # what may go wrong once it is permitted: a wrong state, no address


def made(folder: Path) -> Iterator[World]:
    """The officers of each role are assigned to one case; the others are a colleague's, and another agency's."""
    office = open_office(Settings(folder / "node"))
    enlist(office)
    demonstration.prepare(office, ALICE, lambda what, n: None)
    cast = {role: replace(officers.add(office, ALICE, role, roles=[role]), via="session") for role in ROLES}
    maker = officers.add(office, ALICE, "maker", roles=["analyst", "supervisor"])
    stranger = officers.add(office, ALICE, "stranger", roles=["analyst", "supervisor"], agency="elsewhere")
    places = dict[str, Place]()
    for name, who in (("own", maker), ("other_case", maker), ("other_agency", stranger)):
        case, spare = (casework.open_case(office, who, f"The matter of {name}") for _ in range(2))
        if name == "own":
            for officer in cast.values():
                casework.assign(office, who, case.number, officer.id)
                casework.assign(office, who, spare.number, officer.id)
        run = runs.create(office, who, demonstration.CUSTOMERS, fictional=True, case=case.number)
        runs.work(office, run.number)
        match = runs.matches(office, who, run.number)[0].number
        asked = {"match": match, "kind": "freeze", "reference": ""}
        waits = four_eyes.propose(office, who, "outcomes.decide", f"run {run.number}", asked, "at once", run=run.number)
        places[name] = Place(run.number, match, case.number, spare.number, waits.number, 0)
    neighbour = met(office).card.id
    for name, place in places.items():
        agency = "elsewhere" if name == "other_agency" else OWN_AGENCY
        request = replace(request_to(neighbour), case=place.case)
        with office.database.write() as connection:
            thread = post.put(office, connection, request, by=maker.id, agency=agency).thread
        places[name] = place._replace(thread=thread)
    yield World(office, {**cast, "nobody": Officer("nobody")}, places)
    office.close()


def request_to(peer: str) -> post.Draft:
    """A request that may be sent."""
    body = dict.fromkeys(("subject", "facts", "reasons", "asked", "intended_use"), "Accounts of Hantu Trading")
    return post.Draft("request", body, Handling("green"), "investigation", peer=peer)


def message_in(office: Office, thread: int) -> str:
    """The id of the first message of a thread; what a message is called of which there is none."""
    with office.database.read() as connection:
        held = messages.of_thread(connection, thread)
    return held[0].id if held else "none"


def soon(office: Office) -> tuple[datetime, datetime]:
    """A time of a duty."""
    return office.now() + timedelta(days=1), office.now() + timedelta(days=2)


def in_haste(office: Office, officer: Officer, place: Place) -> None:
    """Break the glass, and let the hour pass at once."""
    broken = glass.break_glass(office, officer, place.run, "A life is at risk now")
    with office.database.write() as connection:
        connection.execute(update(broken_glass).where(broken_glass.c.number == broken.number).values(until=broken.at))


def on(
    own: str, other_case: str, named: str, call: Callable[[Office, Officer, Place], Any], *fails: type[Exception]
) -> Verb:
    """A verb on a thing that stands in a place."""
    return Verb(own, named, call, other_case, True, fails)


def here(own: str, named: str, call: Callable[[Office, Officer], Any], *fails: type[Exception]) -> Verb:
    """A verb on the node."""
    return Verb(own, named, lambda office, officer, place: call(office, officer), "", False, fails)


ENTITY = "un_sc-9990001"  # of the sample

PROVIDER = Provider("https://none.invalid", "lintas", "", "Nowhere")
ORIGIN = Origin("http", "localhost", 1)

VERBS: dict[str, Verb] = {
    "alarms.alarms": here(STAFF, "lists.read", alarms.alarms),
    "backup.backup": here(
        "administrator custodian",
        "backup.create",
        lambda f, o: backup.backup(f, o, f.scratch / "node.age"),
        LintasError,
    ),
    "casework.overview": here(STAFF, "inbox.read", casework.overview),
    "casework.show": on(CONTENT, "supervisor", "cases.read", lambda f, o, p: casework.show(f, o, p.case)),
    "correspondence.overview": here(STAFF, "inbox.read", correspondence.overview),
    "correspondence.show": on(
        CONTENT, "supervisor liaison", "exchange.read", lambda f, o, p: correspondence.show(f, o, p.thread)
    ),
    "custodians.add": here(
        "custodian", "backup.keys", lambda f, o: custodians.add(f, o, "Dewi", "no key"), LintasError
    ),
    "custodians.everybody": here("administrator custodian", "settings.read", custodians.everybody),
    "custodians.new": here("custodian", "backup.keys", lambda f, o: custodians.new(f, o, "Dewi", "the first")),
    "custodians.remove": here(
        "custodian", "backup.keys", lambda f, o: custodians.remove(f, o, "nobody", "gone"), LintasError
    ),
    "decisions.decide": on(
        MAKERS,
        "supervisor",
        "runs.decide",
        lambda f, o, p: decisions.decide(f, o, {p.run: [p.match]}, "ask", "who is it"),
    ),
    "duties.add": here("supervisor", "duties.change", lambda f, o: duties.add(f, o, "maker", "analyst", *soon(f))),
    "duties.end": here("supervisor", "duties.change", lambda f, o: duties.end(f, o, 999), LintasError),
    "duties.everything": here(STAFF, "duties.read", duties.everything),
    "duties.on_duty": here(STAFF, "duties.read", duties.on_duty),
    "exports.ask": on(
        CONTENT, "supervisor", "runs.export", lambda f, o, p: exports.ask(f, o, p.run, "csv"), LintasError
    ),
    "exports.get": on(CONTENT, "supervisor", "runs.export", lambda f, o, p: exports.get(f, o, p.run, 1), LintasError),
    "exports.of_run": on(CONTENT, "supervisor", "runs.export", lambda f, o, p: exports.of_run(f, o, p.run)),
    "glass.overview": here(STAFF, "inbox.read", glass.overview),
    "health.state": here("administrator inspector", "metrics.read", health.state),
    "inbox.decide": on(
        MAKERS,
        "supervisor",
        "runs.decide",
        lambda f, o, p: inbox.decide(f, o, {p.run: [p.match]}, "different", "born later"),
        LintasError,
    ),
    "inbox.inbox": here(STAFF, "inbox.read", inbox.inbox),
    "jobs.get": here("administrator supervisor", "jobs.read", lambda f, o: jobs.get(f, o, 1), LintasError),
    "jobs.latest": here("administrator supervisor", "jobs.read", jobs.latest),
    "jobs.schedule": here(ADMIN, "jobs.change", lambda f, o: jobs.schedule(f, o, "un_sc", is_on=False)),
    "jobs.scheduled": here(STAFF, "lists.read", jobs.scheduled),
    "jobs.start_refresh": here(ADMIN, "jobs.change", lambda f, o: jobs.start_refresh(f, o, "ftm"), LintasError),
    "jobs.start_retention": here(ADMIN, "jobs.change", jobs.start_retention),
    "jobs.stop": here(ADMIN, "jobs.change", lambda f, o: jobs.stop(f, o, 1), LintasError),
    "jobs.work_all": here(ADMIN, "jobs.change", jobs.work_all),
    "matching.ask": on(
        "supervisor liaison",
        "supervisor",
        "runs.export exchange.open",
        lambda f, o, p: matching.ask(f, o, p.run, "xb.police", "suspects"),
        LintasError,
    ),
    "matching.offer": on(
        "supervisor liaison",
        "supervisor",
        "runs.export exchange.open",
        lambda f, o, p: matching.offer(f, o, p.run, "xb.police", "", Handling()),
        LintasError,
    ),
    "matching.given": here("supervisor liaison", "exchange.open", matching.given),
    "matching.offered": here("supervisor liaison", "exchange.open", matching.offered),
    "matching.opened": here("inspector", "log.read", lambda f, o: matching.opened(f, o, 1, "none"), LintasError),
    "matching.results": on(CONTENT, "supervisor", "runs.read", lambda f, o, p: matching.results(f, o, p.run)),
    "pouches.make": here(
        "liaison custodian", "exchange.carry", lambda f, o: pouches.make(f, o, "xc.navy"), LintasError
    ),
    "pouches.take": here("liaison custodian", "exchange.carry", lambda f, o: pouches.take(f, o, b"no"), LintasError),
    "canary.alarms": here(STAFF, "peers.read", canary.alarms),
    "canary.end": here(
        "supervisor liaison", "exchange.open", lambda f, o: canary.end(f, o, "xc.navy", "none"), LintasError
    ),
    "canary.end_old": here(ADMIN, "retention.run", canary.end_old),
    "deadlines.add": here("liaison custodian", "peers.change", lambda f, o: deadlines.add(f, o, "no"), LintasError),
    "purging.run": here(ADMIN, "retention.run", purging.run),
    "deadlines.assign": here(
        "liaison custodian", "peers.change", lambda f, o: deadlines.assign(f, o, "xc.navy", "general"), LintasError
    ),
    "deadlines.everybody": here(STAFF, "peers.read", deadlines.everybody),
    "timeliness.measured": here(STAFF, "inbox.read", timeliness.measured),
    "misp.read": here(TAXII, "taxii.write", lambda f, o: misp.read(f, o, Path("none"), "none", "none"), LintasError),
    "misp.write": here(TAXII, "taxii.read", lambda f, o: misp.write(f, o, Path("none"), "none", "none"), LintasError),
    "misp.write_message": on(
        "supervisor liaison",
        "supervisor liaison",
        "exchange.send",
        lambda f, o, p: misp.write_message(f, o, Path("none"), message_in(f, p.thread)),
        LintasError,
    ),
    "node_card.init": here("custodian", "node.keys", lambda f, o: node_card.init(f, o, "xa.fiu", "Again"), LintasError),
    "directory.pin": here("custodian", "node.keys", lambda f, o: directory.pin(f, o, b"{}"), LintasError),
    "directory.read": here("liaison custodian", "peers.change", lambda f, o: directory.read(f, o, "none"), LintasError),
    "directory.show": here(STAFF, "peers.read", directory.show, LintasError),
    "node_card.continued": here(STAFF, "peers.read", node_card.continued),
    "node_card.show": here(STAFF, "peers.read", node_card.show),
    "node_card.signed": here(STAFF, "peers.read", node_card.signed),
    "peers.add": here("liaison custodian", "peers.change", lambda f, o: peers.add(f, o, "no card"), LintasError),
    "peers.choose_suite": here(
        "liaison custodian", "peers.change", lambda f, o: peers.choose_suite(f, o, "xc.navy", "hybrid"), LintasError
    ),
    "peers.confirm": here(
        "liaison custodian", "peers.confirm", lambda f, o: peers.confirm(f, o, "xc.navy", ""), LintasError
    ),
    "peers.everybody": here(STAFF, "peers.read", peers.everybody),
    "peers.revoke": here(
        "liaison custodian", "peers.change", lambda f, o: peers.revoke(f, o, "xc.navy", "gone"), LintasError
    ),
    "peers.show": here(STAFF, "peers.read", lambda f, o: peers.show(f, o, "xb.police")),
    "post.preview": here(
        "supervisor liaison", "exchange.open", lambda f, o: post.preview(f, o, request_to("xb.police"))
    ),
    "post.send": on(
        "supervisor liaison",
        "supervisor liaison",
        "exchange.send",
        lambda f, o, p: post.send(f, o, replace(request_to(""), thread=p.thread)),
        LintasError,
    ),
    "proofs.prove": on(
        "inspector", "inspector", "exchange.prove", lambda f, o, p: proofs.prove(f, o, message_in(f, p.thread))
    ),
    "rotation.resume": here(
        "liaison custodian", "peers.change", lambda f, o: rotation.resume(f, o, "xc.navy", "asked"), LintasError
    ),
    "rotation.move": here("custodian", "node.keys", lambda f, o: rotation.move(f, o, "https://fiu.example")),
    "rotation.rotate": here("custodian", "node.keys", rotation.rotate),
    "measures.read": here("administrator inspector", "metrics.read", measures.read),
    "oidc.ask_to_bind": here(
        STAFF, "profile.change", lambda f, o: oidc.ask_to_bind(f, o, PROVIDER, ORIGIN), LintasError
    ),
    "oidc.bind": here(ADMIN, "officers.change", lambda f, o: oidc.bind(f, o, "maker", PROVIDER.issuer, o.id)),
    "oidc.bind_own": here(
        STAFF, "profile.change", lambda f, o: oidc.bind_own(f, o, PROVIDER, ORIGIN, "none", {}), LintasError
    ),
    "oidc.remove_own": here(STAFF, "profile.change", lambda f, o: oidc.remove_own(f, o, "none"), LintasError),
    "oidc.unbind": here(ADMIN, "officers.change", lambda f, o: oidc.unbind(f, o, "stranger", "none"), LintasError),
    "outcomes.decide": on(
        MAKERS,
        "supervisor",
        "outcomes.decide",
        lambda f, o, p: outcomes.decide(f, o, p.run, p.match, "report", "it is them"),
        LintasError,
    ),
    "overlays.add": here(
        "administrator custodian", "policies.change", lambda f, o: overlays.add(f, o, "x.cedar", "permit"), LintasError
    ),
    "overlays.everything": here("administrator custodian inspector", "policies.read", overlays.everything),
    "overlays.remove": here(
        "administrator custodian", "policies.change", lambda f, o: overlays.remove(f, o, "none"), LintasError
    ),
    "passkeys.add": here(STAFF, "profile.change", lambda f, o: passkeys.add(f, o, ORIGIN, "{}", "a key"), LintasError),
    "passkeys.offer": here(STAFF, "profile.change", lambda f, o: passkeys.offer(f, o, ORIGIN), LintasError),
    "passkeys.remove": here(STAFF, "profile.change", lambda f, o: passkeys.remove(f, o, "none"), LintasError),
    "profile.choices": here(STAFF, "profile.read", profile.choices),
    "profile.choose": here(STAFF, "profile.change", lambda f, o: profile.choose(f, o, {})),
    "profile.set_email": here(STAFF, "profile.change", lambda f, o: profile.set_email(f, o, "me@agency.example")),
    "profile.show": here(STAFF, "profile.read", profile.show),
    "proposals.decide": on(
        "supervisor",
        "supervisor",
        "proposals.decide",
        lambda f, o, p: proposals.decide(f, o, p.proposal, False, "not now"),
        LintasError,
    ),
    "proposals.show": on(
        "supervisor", "supervisor", "proposals.read", lambda f, o, p: proposals.show(f, o, p.proposal)
    ),
    "proposals.waiting": here(STAFF, "inbox.read", proposals.waiting),
    "retention.erase": on(
        "supervisor", "supervisor", "runs.erase", lambda f, o, p: retention.erase(f, o, p.run, "asked for"), LintasError
    ),
    "retention.hold": on(
        "supervisor", "supervisor", "runs.hold", lambda f, o, p: retention.hold(f, o, p.run, "a trial"), LintasError
    ),
    "retention.keeping": here("administrator custodian", "settings.read", retention.keeping),
    "retention.release": on(
        "supervisor", "supervisor", "runs.release", lambda f, o, p: retention.release(f, o, p.run, "over"), LintasError
    ),
    "retention.run": here(ADMIN, "retention.run", retention.run),
    "runs.front": here(STAFF, "inbox.read", runs.front),
    "settings.change": here(ADMIN, "settings.change", lambda f, o: settings.change(f, o, "retention_days", None)),
    "settings.read": here("administrator custodian", "settings.read", settings.read),
    "stamps.name": here(ADMIN, "settings.change", lambda f, o: stamps.name(f, o, "", "")),
    "stamps.stamp": here("administrator custodian inspector", "log.verify", stamps.stamp, LintasError),
    "trail.row": here("inspector", "log.read", lambda f, o: trail.row(f, o, 1)),
    "casework.all_cases": here(STAFF, "inbox.read", casework.all_cases),
    "casework.assign": on(
        "supervisor", "supervisor", "cases.assign", lambda f, o, p: casework.assign(f, o, p.case, "maker")
    ),
    "casework.close": on("supervisor", "supervisor", "cases.close", lambda f, o, p: casework.close(f, o, p.spare)),
    "casework.get": on(CONTENT, "supervisor", "cases.read", lambda f, o, p: casework.get(f, o, p.case)),
    "casework.open_case": here(MAKERS, "cases.open", lambda f, o: casework.open_case(f, o, "A new matter")),
    "casework.put_run": on(
        MAKERS,
        "supervisor",
        "runs.assign cases.read",
        lambda f, o, p: casework.put_run(f, o, p.run, p.case),
        ConflictError,  # it is in a case, and not theirs to move
    ),
    "casework.withdraw": on(
        "supervisor", "supervisor", "cases.assign", lambda f, o, p: casework.withdraw(f, o, p.case, "alice")
    ),
    "demonstration.prepare": here(
        STAFF, "lists.read", lambda f, o: demonstration.prepare(f, o, lambda what, n: None), LintasError
    ),
    "dossier.adjacent": here(CONTENT, "entities.read", lambda f, o: dossier.adjacent(f, o, ENTITY)),
    "dossier.document": here(CONTENT, "entities.read", lambda f, o: dossier.document(f, o, ENTITY)),
    "dossier.documents": here(CONTENT, "entities.read", lambda f, o: dossier.documents(f, o, [ENTITY])),
    "dossier.show": here(CONTENT, "entities.read", lambda f, o: dossier.show(f, o, ENTITY)),
    "attaching.attach": here(
        "supervisor liaison", "exchange.open exchange.send", lambda f, o: attaching.attach(f, o, "a.txt", b"text")
    ),
    "attaching.give": on(
        "supervisor",
        "supervisor",
        "proposals.read",
        lambda f, o, p: attaching.give(f, o, p.proposal, 0),
        LintasError,
    ),
    "attaching.proposed": on(
        "supervisor", "supervisor", "proposals.read", lambda f, o, p: attaching.proposed(f, o, p.proposal)
    ),
    "attaching.waiting": here(STAFF, "inbox.read", lambda f, o: attaching.waiting(f, o, ())),
    "files.give": on(
        CONTENT,
        "supervisor liaison",
        "exchange.read",
        lambda f, o, p: files.give(f, o, p.thread, 999, 0),
        LintasError,
    ),
    "forms.write": on(
        "supervisor liaison",
        "supervisor liaison",
        "exchange.send",
        lambda f, o, p: forms.write(f, o, message_in(f, p.thread), Path("none"), lambda form: {}, ()),
        LintasError,
    ),
    "glass.break_glass": on(CONTENT, CONTENT, "glass.break", in_haste),
    "glass.broken": here("supervisor inspector", "glass.read", glass.broken),
    "glass.review": here(
        "supervisor inspector", "glass.review", lambda f, o: glass.review(f, o, 1, "It was right to do so"), LintasError
    ),
    "intake.delta": here(STAFF, "lists.read", lambda f, o: intake.delta(f, o, "un_sc", 1)),
    "intake.history": here(STAFF, "lists.read", lambda f, o: intake.history(f, o, "un_sc")),
    "intake.load": here(
        "administrator supervisor",
        "lists.load",
        lambda f, o: intake.load(f, o, "ftm", catalogue.samples("ftm"), fictional=True),
    ),
    "intake.status": here(STAFF, "lists.read", intake.status),
    "intake.versions": here(STAFF, "lists.read", lambda f, o: intake.versions(f, o, "un_sc")),
    "officers.add": here(
        ADMIN,
        "officers.change",
        lambda f, o: officers.add(f, o, f"new{len(officers.everybody(f, ALICE))}", roles=["analyst"]),
    ),
    "officers.blank": here(ADMIN, "officers.change", officers.blank),
    "officers.change": here(ADMIN, "officers.change", lambda f, o: officers.change(f, o, "maker", name="The Maker")),
    "officers.disable": here(ADMIN, "officers.change", lambda f, o: officers.disable(f, o, "bob")),
    "officers.enable": here(ADMIN, "officers.change", lambda f, o: officers.enable(f, o, "bob")),
    "officers.everybody": here("administrator supervisor inspector", "officers.read", officers.everybody),
    "officers.reset": here(ADMIN, "officers.change", lambda f, o: officers.reset(f, o, "maker")),
    "passphrases.set_own": here(
        STAFF, "profile.change", lambda f, o: passphrases.set_own(f, o, "four words in a row"), LintasError
    ),
    "refresh.loaded": here(STAFF, "lists.read", refresh.loaded),
    "refresh.refresh": here(
        "administrator supervisor", "lists.load", lambda f, o: refresh.refresh(f, o, "ftm"), LintasError
    ),
    "runs.again": on(MAKERS, "supervisor", "runs.read runs.create", lambda f, o, p: runs.again(f, o, p.run, {}, 0.8)),
    "runs.create": here(MAKERS, "runs.create", lambda f, o: runs.create(f, o, demonstration.CUSTOMERS)),
    "runs.decide": on(
        MAKERS,
        "supervisor",
        "runs.decide",
        lambda f, o, p: runs.decide(f, o, p.run, [p.match], "different", "born later"),
    ),
    "runs.export": on(
        CONTENT, "supervisor", "runs.export", lambda f, o, p: runs.export(f, o, p.run, "jsonl", f.scratch / "out.jsonl")
    ),
    "runs.get": on(CONTENT, "supervisor", "runs.read", lambda f, o, p: runs.get(f, o, p.run)),
    "runs.latest": here(STAFF, "inbox.read", runs.latest),
    "runs.matches": on(CONTENT, "supervisor", "runs.read", lambda f, o, p: runs.matches(f, o, p.run)),
    "runs.neighbours": on(CONTENT, "supervisor", "runs.read", lambda f, o, p: runs.neighbours(f, o, p.run, p.match)),
    "runs.problems": on(CONTENT, "supervisor", "runs.read", lambda f, o, p: runs.problems(f, o, p.run)),
    "runs.review": on(CONTENT, "supervisor", "runs.read", lambda f, o, p: runs.review(f, o, p.run)),
    "runs.show_match": on(CONTENT, "supervisor", "runs.read", lambda f, o, p: runs.show_match(f, o, p.run, p.match)),
    "runs.stop": on(MAKERS, "supervisor", "runs.stop", lambda f, o, p: runs.stop(f, o, p.run)),
    "runs.wait": on(CONTENT, "supervisor", "runs.read", lambda f, o, p: runs.wait(f, o, p.run)),
    "screening.match": here(
        CONTENT,
        "entities.match",
        lambda f, o: screening.match(f, o, [screening.Question("Person", {"name": ["Nobody"]})], screening.Options()),
    ),
    "screening.schemata": here(CONTENT, "entities.search", screening.schemata),
    "screening.search": here(CONTENT, "entities.search", lambda f, o: screening.search(f, o, "Nobody")),
    "sessions.all_tokens": here(ADMIN, "tokens.read", sessions.all_tokens),
    "sessions.create_link": here(STAFF, "sign_in.link", sessions.create_link),
    "sessions.create_token": here(STAFF, "tokens.create", sessions.create_token),
    "sessions.end_mine": here(STAFF, "profile.change", lambda f, o: sessions.end_mine(f, o, "none"), LintasError),
    "sessions.end_others": here(STAFF, "profile.change", sessions.end_others, LintasError),
    "sessions.mine": here(STAFF, "profile.read", sessions.mine),
    "sessions.my_tokens": here(STAFF, "profile.read", sessions.my_tokens),
    "sessions.revoke_my_token": here(
        STAFF, "profile.change", lambda f, o: sessions.revoke_my_token(f, o, "none"), LintasError
    ),
    "sessions.revoke_token": here(
        ADMIN, "tokens.revoke", lambda f, o: sessions.revoke_token(f, o, "none"), LintasError
    ),
    "sessions.set_purpose": here(STAFF, "profile.change", lambda f, o: sessions.set_purpose(f, o, "screening")),
    "taxii.collection": here(TAXII, "taxii.read", lambda f, o: taxii.collection(f, o, "none", "none"), LintasError),
    "taxii.collections": here(TAXII, "taxii.read", lambda f, o: taxii.collections(f, o, "none"), LintasError),
    "taxii.discovery": here(TAXII, "taxii.read", taxii.discovery, LintasError),
    "taxii.manifest": here(TAXII, "taxii.read", lambda f, o: taxii.manifest(f, o, "none", "none", {}), LintasError),
    "taxii.object_": here(
        TAXII, "taxii.read", lambda f, o: taxii.object_(f, o, "none", "none", "none", {}), LintasError
    ),
    "taxii.objects": here(TAXII, "taxii.read", lambda f, o: taxii.objects(f, o, "none", "none", {}), LintasError),
    "taxii.root": here(TAXII, "taxii.read", lambda f, o: taxii.root(f, o, "none"), LintasError),
    "taxii.status": here(TAXII, "taxii.read", lambda f, o: taxii.status(f, o, "none", "none"), LintasError),
    "taxii.versions": here(
        TAXII, "taxii.read", lambda f, o: taxii.versions(f, o, "none", "none", "none", {}), LintasError
    ),
    "taxii_accounts.close": here(
        f"{TAXII} {ADMIN}", "taxii.account", lambda f, o: taxii_accounts.close(f, o, "none"), LintasError
    ),
    "taxii_accounts.create": here(
        f"{TAXII} {ADMIN}", "taxii.account", lambda f, o: taxii_accounts.create(f, o, o.id, "a new secret")
    ),
    "taxii_loading.load": here(ADMIN, "taxii.change", lambda f, o: taxii_loading.load(f, o, Path("none")), LintasError),
    "taxii_loading.overview": here(ADMIN, "taxii.change", taxii_loading.overview),
    "taxii_writing.add": here(
        TAXII, "taxii.write", lambda f, o: taxii_writing.add(f, o, "none", "none", b"{}"), LintasError
    ),
    "taxii_writing.remove": here(
        TAXII, "taxii.write", lambda f, o: taxii_writing.remove(f, o, "none", "none", "none", {}), LintasError
    ),
    "trail.export": here(
        "inspector", "log.export", lambda f, o: trail.export(f, o, Wanted(), "csv", f.scratch / "log.csv")
    ),
    "trail.find": here("inspector", "log.read", trail.find),
    "trail.head": here("administrator custodian inspector", "log.verify", trail.head),
    "trail.own": here(STAFF, "log.own", trail.own),
    "witness.standing": here(STAFF, "peers.read", witness.standing),
    "trail.verify": here("administrator custodian inspector", "log.verify", trail.verify),
    "trail.who_looked": here(
        "supervisor inspector", "log.subject", lambda f, o: trail.who_looked(f, o, f"entity:{ENTITY}")
    ),
}

# These are how the others ask, log, sign in and carry out what two officers decided; they are no verbs of an officer.
NO_VERBS = {
    "access.asked",
    "access.done",
    "access.facts",
    "access.may",
    "access.permits",
    "access.reach",
    "access.refused",
    "access.require",
    "access.rights",
    "ceilings.ceiling",
    "ceilings.needs_second",
    "ceilings.require",
    "four_eyes.propose",
    "inbox.n_waiting",
    "leaving.found",
    "custodians.carry_out",
    "sessions.granting",
    "outcomes.carry_out",
    "overlays.carry_out",
    "post.carry_out",
    "retention.erase_approved",
    "retention.release_approved",
    "sessions.begin",
    "sessions.grant_link",
    "sessions.sign_out",
}

# The same, asked of a thing that is not there: that somebody asked is logged all the same.
OF_NOTHING: dict[str, Callable[[Office, Officer], Any]] = {
    "casework.get": lambda f, o: casework.get(f, o, 999),
    "casework.assign": lambda f, o: casework.assign(f, o, 999, "maker"),
    "dossier.show": lambda f, o: dossier.show(f, o, "none"),
    "proofs.prove": lambda f, o: proofs.prove(f, o, "none"),
    "dossier.adjacent": lambda f, o: dossier.adjacent(f, o, "none"),
    "dossier.document": lambda f, o: dossier.document(f, o, "none"),
    "glass.break_glass": lambda f, o: glass.break_glass(f, o, 999, "A life is at risk now"),
    "intake.delta": lambda f, o: intake.delta(f, o, "atlantis", 1),
    "intake.history": lambda f, o: intake.history(f, o, "atlantis"),
    "intake.load": lambda f, o: intake.load(f, o, "atlantis", []),
    "misp.write_message": lambda f, o: misp.write_message(f, o, Path("none"), "none"),
    "officers.disable": lambda f, o: officers.disable(f, o, "nobody.at.all"),
    "refresh.refresh": lambda f, o: refresh.refresh(f, o, "atlantis"),
    "runs.again": lambda f, o: runs.again(f, o, 999, {}, 0.8),
    "runs.create": lambda f, o: runs.create(f, o, Path("none")),
    "runs.decide": lambda f, o: runs.decide(f, o, 999, [1], "same", "the same person"),
    "runs.export": lambda f, o: runs.export(f, o, 999, "csv", f.scratch / "out.csv"),
    "runs.get": lambda f, o: runs.get(f, o, 999),
    "runs.neighbours": lambda f, o: runs.neighbours(f, o, 999, 999),
    "runs.review": lambda f, o: runs.review(f, o, 999),
    "runs.show_match": lambda f, o: runs.show_match(f, o, 999, 999),
    "runs.stop": lambda f, o: runs.stop(f, o, 999),
    "runs.wait": lambda f, o: runs.wait(f, o, 999),
    "screening.match": lambda f, o: screening.match(f, o, [], screening.Options()),
    "screening.search": lambda f, o: screening.search(f, o, "x", dataset="atlantis"),
    "screening.schemata": lambda f, o: screening.schemata(f, o, "atlantis"),
}
