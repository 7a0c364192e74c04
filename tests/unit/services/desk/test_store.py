"""The read model under what a year of operation brings: two desks at once, a new shape, texts and numbers of others."""

import random
import threading
from dataclasses import replace

from fastapi.testclient import TestClient
from sqlalchemy import select

from schemas.event import Record
from services.desk import read, store
from services.desk.core.fold import View
from services.desk.serve import store_of
from services.desk.store import Store
from services.desk.tables import CASES, EVENTS, REPLIES, SUBMISSIONS, TOPICS
from services.runtime.settings import Settings
from tests.simulation.fleet import CALM
from tests.simulation.world import World
from tests.support.door import NOW, Desk
from tests.support.house import views_of

LOG = [one for one in World(5, CALM, patient=True).run().log.records() if one.topic in TOPICS]


def shown(made: Store) -> tuple[object, ...]:
    with made.engine.connect() as link:
        return (
            sorted(views_of(made), key=lambda view: str(view.case_id)),
            *(
                sorted(link.scalars(select(table.c[name])))
                for table, name in (
                    (EVENTS, "event_id"),
                    (REPLIES, "event_id"),
                    (SUBMISSIONS, "submission_id"),
                )
            ),
            made.places(),
        )


def test_two_desks_that_read_the_same_topics_into_one_database_say_what_one_says(database):
    one, two, alone = (Store(database(name)) for name in ("both", "both", "alone"))
    alone.apply(LOG)

    def follow(made: Store, rng: random.Random) -> None:
        at = 0
        while at < len(LOG):
            end = at + rng.randint(1, 9)
            made.apply(LOG[at:end])
            at = end

    other = threading.Thread(target=follow, args=(two, random.Random(2)))
    other.start()
    follow(one, random.Random(1))
    other.join(60)
    assert not other.is_alive()
    assert shown(one) == shown(alone)


def test_a_new_shape_is_built_beside_the_old_one_which_is_read_meanwhile(
    database, tmp_path, monkeypatch
):
    url = database("desk")
    settings = Settings(home=tmp_path, desk_url=url if url.startswith("postgresql") else "")
    old = store_of(settings)
    old.apply(LOG)
    monkeypatch.setattr(store, "SCHEMA", store.SCHEMA + 1)
    monkeypatch.setattr("services.desk.serve.SCHEMA", store.SCHEMA)
    new = store_of(settings)
    assert new.places() == {}
    before = shown(old)
    new.apply(LOG[: len(LOG) // 2])
    assert shown(new) != before == shown(old)
    new.apply(LOG[len(LOG) // 2 :])
    assert shown(new) == before


def test_a_record_of_quarantine_may_say_anything_of_any_length(database):
    made = Store(database("desk"))
    said = [
        ("anxin_stage", b"\0" * 900),
        ("anxin_topic", b"t\0" * 900),
        ("anxin_partition", b"3"),
        ("anxin_offset", b"7"),
        ("anxin_timestamp_ms", b"0"),
        ("anxin_reason", b"r" * 900),
        ("anxin_field", b"f\0" * 900),
        ("anxin_detail", b"x" * 9000),
    ]
    record = Record("quarantine", 3, 2**40, NOW, b"place\0" * 200, None, tuple(said))
    nobodys = replace(record, offset=2**40 + 1, headers=(("anxin_topic", b"\xff\xfe"),))
    made.apply([record, nobodys])
    [row] = read.buried(made.engine)
    assert row.topic.startswith("t\ufffdt")
    assert "\0" not in row.stage + row.place
    assert made.places()[("quarantine", 3)].next_offset == 2**40 + 2


def test_a_number_that_nobody_has_is_asked_for_in_vain(tmp_path, database):
    desk = Desk(tmp_path, database, open311=True)
    http = TestClient(desk.app)
    for number in ("%00", "20250828-ABCDEF%00", "9" * 4000, "%ED%A0%80"):
        assert http.get(f"/open311/v2/requests/{number}.json").status_code == 404
        assert http.get(f"/open311/v2/requests.json?service_request_id={number}").json() == []
    assert read.case_of_number(desk.edge.engine, None, "\0") is None


def test_views_are_read_back_as_they_were_written(database):
    """Whatever stands in a text: the view is JSON, in which NUL is written out."""
    made = Store(database("desk"))
    made.apply(LOG)
    view = views_of(made)[0]
    odd = view.model_copy(update={"number": "a\0" + "b" * 99, "workers": 2**40})
    with made.engine.begin() as link:
        link.execute(CASES.delete())
        link.execute(CASES.insert().values(store.row_of(odd)))
        [text] = link.scalars(select(CASES.c.view))
    assert View.model_validate_json(text) == odd
