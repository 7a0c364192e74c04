"""The desk's read model of simulated worlds says what escalation's own rows say, in whatever order it reads."""

import random
from collections.abc import Mapping

import pytest
from sqlalchemy import select

from schemas.event import Record
from services.desk.core.fold import View
from services.desk.store import Store, tallied
from services.desk.tables import CASES, COUNTS, PLACE, SUBMISSIONS, TALLIES, TOPICS
from services.escalation.core.state import Case, state_of
from tests.simulation.facts import facts_of
from tests.simulation.world import HARD, World, world_of
from tests.support.databases import Database

SEEDS = range(24)


def interleaved(world: World, rng: random.Random) -> list[Record]:
    """Each partition in order, the partitions anyhow."""
    waiting = [list(r) for (name, _), r in sorted(world.log.partitions.items()) if name in TOPICS]
    found: list[Record] = []
    while waiting:
        lane = rng.choice(waiting)
        count = rng.randint(1, 9)
        found += lane[:count]
        del lane[:count]
        waiting = [one for one in waiting if one]
    return found


def read(store: Store, records: list[Record], rng: random.Random) -> None:
    """In batches of any size; now and then what was read is read again, as after a crash."""
    at = 0
    while at < len(records):
        end = at + rng.randint(1, 40)
        store.apply(records[at:end])
        at = end if rng.random() < 0.8 else max(at - rng.randint(0, 30), 0)


def views(store: Store) -> dict[str, View]:
    with store.engine.connect() as link:
        return {r.case_id: View.model_validate_json(r.view) for r in link.execute(select(CASES))}


def said(view: View) -> dict[str, object]:
    return {
        "state": view.state,
        "owner": view.owner,
        "urgent": view.urgent,
        "attempt": view.attempt,
        "returns": view.returns,
        "disputed": view.disputed,
        "paid": (view.paid_fen, view.workers),
        "closed": (view.closed_at, view.conclusion),
        "sources": {one.submission_id: one.revision for one in view.sources},
        "answered": {
            o.submission_id for o in view.sources if f"{o.channel}/{o.external_no}" in view.received
        },
        "clocks": {
            (o.clock, o.variant, o.source, o.due_at, o.breached, frozenset(o.standing))
            for o in view.clocks
        },
    }


def known(case: Case) -> dict[str, object]:
    """The same of the row that decides."""
    return {
        "state": state_of(case),
        "owner": case.owner,
        "urgent": case.urgent,
        "attempt": case.attempt,
        "returns": case.returns,
        "disputed": case.disputed,
        "paid": (case.paid_fen, case.workers),
        "closed": (case.closed_at, case.conclusion),
        "sources": {o.submission.submission_id: o.submission.revision for o in case.sources},
        "answered": {o.submission.submission_id for o in case.sources if o.replied},
        "clocks": {
            (
                o.id,
                o.variant,
                o.source,
                o.due_at,
                o.breached,
                frozenset(p.ground for p in o.standing),
            )
            for o in case.clocks
        },
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_view_says_what_the_row_says(seed: int, database: Database) -> None:
    world = world_of(seed).run()
    rng = random.Random(f"reading {seed}")
    store = Store(database("model"))
    read(store, interleaved(world, rng), rng)
    rows = {str(one): known(case) for one, case in facts_of(world).cases.items() if case.opened_at}
    held = views(store)
    assert {case: said(view) for case, view in held.items() if view.opened_at} == rows
    assert counted(store) == {place(row): row for row in tallied([], held.values())}


def place(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in PLACE)


def counted(store: Store) -> dict[tuple[object, ...], dict[str, object]]:
    """The tallies, without those that have come back to nothing."""
    with store.engine.connect() as link:
        rows = [dict(row) for row in link.execute(select(TALLIES)).mappings()]
    return {place(row): row for row in rows if any(row[name] for name in COUNTS)}


def test_every_record_sent_is_in_the_case_that_has_it(database: Database) -> None:
    for seed in SEEDS:
        world = World(seed, HARD, patient=False).run()
        rng = random.Random(seed)
        store = Store(database(f"model-{seed}"))
        read(store, interleaved(world, rng), rng)
        with store.engine.connect() as link:
            found = sorted((r.submission_id, r.case_id) for r in link.execute(select(SUBMISSIONS)))
        want = sorted(
            (str(source.submission.submission_id), str(case.case_id))
            for case in facts_of(world).cases.values()
            for source in case.sources
        )
        assert found == want
