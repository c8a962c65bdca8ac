"""The daily work of a node: lists, runs, decisions, the log, retention."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from lintas.desk import access, lookup, retention, runs, trail
from lintas.desk.office import Office, Settings
from lintas.desk.settings import change
from lintas.store import lists
from lintas.store import runs as stored
from lintas.store.tables import customers, matches
from tests.desk import backups
from tests.desk.cast import ALICE, BOB, enlist
from tests.desk.customers import LISTED, create, done, screened, wanted
from tests.desk.entries import is_whole, load, people, person
from tests.faults.deeds import Deed, at_work
from tests.faults.killing import Say

N, N_CUSTOMERS, N_DONE = 120, 120, 100
OLD = people(N)
NEW = [*(person(i, f"New Name {i}") for i in range(30, N)), *(person(i) for i in range(N, N + 20))]


# ---- A list is loaded


def make_list(settings: Settings) -> None:
    with at_work(settings) as office:
        load(office, OLD)


def act_load(settings: Settings, say: Say) -> None:
    lists.CHUNK = 40  # in this process only: a load writes in several pieces
    with at_work(settings) as office:
        load(office, NEW, accept_removals=True)
        say("loaded")


def check_load(settings: Settings, said: Sequence[str]) -> None:
    with at_work(settings) as office:
        with office.database.read() as connection:
            n_versions = len(lists.versions(connection, "ftm"))
            assert n_versions == 2 or not said
            assert is_whole(connection, NEW if n_versions == 2 else OLD, n_versions)
        assert lookup.current(office).index.n_entities == len(NEW if n_versions == 2 else OLD)
        load(office, NEW, accept_removals=True)
        with office.database.read() as connection:
            assert is_whole(connection, NEW, 2)
        trail.verify(office, ALICE)


# ---- A file is screened


def make_run(settings: Settings) -> None:
    with at_work(settings) as office:
        load(office, LISTED)
        lookup.current(office)
        create(office, N_CUSTOMERS)


def act_screen(settings: Settings, say: Say) -> None:
    runs.PIECE = 10  # in this process only
    with at_work(settings) as office:
        runs.work(office, 1, lambda n_done, total: say(str(n_done)))
        say(str(N_CUSTOMERS))


def check_screen(settings: Settings, said: Sequence[str]) -> None:
    acknowledged = max(map(int, said), default=0)
    with at_work(settings, later=timedelta(minutes=10)) as office:
        run = runs.get(office, BOB, 1)
        assert run.n_done >= acknowledged
        assert screened(office, 1) == wanted(N_CUSTOMERS)[: run.n_done]
        assert runs.work(office) == (None if run.status == "done" else 1)
        run = runs.get(office, BOB, 1)
        assert (run.status, run.n_done, run.n_matches) == ("done", N_CUSTOMERS, N_CUSTOMERS // 10)
        assert screened(office, 1) == wanted(N_CUSTOMERS)
        trail.verify(office, ALICE)


# ---- Matches are decided


def make_matches(settings: Settings) -> None:
    with at_work(settings) as office:
        load(office, LISTED)
        done(office, N_DONE)


def act_decide(settings: Settings, say: Say) -> None:
    with at_work(settings) as office:
        numbers = [match.number for match in runs.matches(office, BOB, 1)]
        for n in range(6):
            verdict = ("same", "different")[n % 2]
            for group in (numbers[:3], numbers[3:7], numbers[7:]):
                runs.decide(office, BOB, 1, group, verdict, f"round {n}")
                say(f"{n} {len(group)}")


def check_decide(settings: Settings, said: Sequence[str]) -> None:
    with at_work(settings) as office:
        found = sorted(runs.matches(office, BOB, 1), key=lambda match: (-match.match.score, match.number))
        with office.database.read() as connection:
            histories = [stored.history(connection, match.number) for match in found]
        for match, history in zip(found, histories, strict=True):
            assert [one.reason for one in history] == [f"round {n}" for n in range(len(history))]
            assert match.verdict == (history[-1].verdict if history else None)
        groups = [histories[:3], histories[3:7], histories[7:]]
        for group in groups:  # many under one reason are decided together or not at all
            assert len({len(history) for history in group}) == 1
        n_decided = sum(len(group[0]) for group in groups)
        assert n_decided in (len(said), len(said) + 1)
        runs.decide(office, BOB, 1, [found[0].number], "ask", "afterwards")
        trail.verify(office, ALICE)


# ---- Rows are added to the log


def make_empty(settings: Settings) -> None:
    with at_work(settings) as office:
        enlist(office, ALICE)


def act_log(settings: Settings, say: Say) -> None:
    with at_work(settings) as office:
        for n in range(60):
            access.done(office, ALICE, "fault", str(n), subjects=[f"entity:{n}", "entity:all"])
            say(str(n))


def check_log(settings: Settings, said: Sequence[str]) -> None:
    with at_work(settings) as office:
        held = [row.object for _, row, _ in backups.log(office) if row.verb == "fault"]
        assert held == [str(n) for n in range(len(held))]
        assert len(held) in (len(said), len(said) + 1)
        trail.verify(office, ALICE)
        access.done(office, ALICE, "fault", "afterwards")
        trail.verify(office, ALICE)


# ---- Runs that are too old are erased


def make_due(settings: Settings) -> None:
    with at_work(settings) as office:
        load(office, LISTED)
        for n in (20, 30, 40):
            done(office, n)
        change(office, ALICE, retention.SETTING, 30)


def act_retention(settings: Settings, say: Say) -> None:
    with at_work(settings, later=timedelta(days=60)) as office:
        retention.run(office, ALICE, lambda n, total: say(str(n)))


def check_retention(settings: Settings, said: Sequence[str]) -> None:
    with at_work(settings, later=timedelta(days=60)) as office:
        for number, n in ((1, 20), (2, 30), (3, 40)):
            run = runs.get(office, ALICE, number)
            assert run.erased_at is not None or number > len(said)
            if run.erased_at is None:
                assert screened(office, number) == wanted(n)
            elif number <= len(said):
                assert _left(office, number) == (0, 0, False)
        retention.run(office, ALICE)
        assert [_left(office, number) for number in (1, 2, 3)] == [(0, 0, False)] * 3
        trail.verify(office, ALICE)


def _left(office: Office, number: int) -> tuple[int, int, bool]:
    """Of a run: its customers, its matches, and whether its file is there."""
    with office.database.read() as connection:
        sha256 = stored.get(connection, number).file["sha256"]
        n_customers, n_matches = (
            connection.execute(select(func.count()).select_from(table).where(table.c.run == number)).scalar_one()
            for table in (customers, matches)
        )
    return n_customers, n_matches, (office.raw / sha256[:2] / sha256).exists()


WORK = {
    "a list is loaded": Deed(make_list, act_load, check_load),
    "a file is screened": Deed(make_run, act_screen, check_screen),
    "matches are decided": Deed(make_matches, act_decide, check_decide),
    "the log is written": Deed(make_empty, act_log, check_log),
    "runs are erased": Deed(make_due, act_retention, check_retention),
}
