"""The plug pulled between any two effects, full robots, wrong keys: over loopback robots with the real limits."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from services.notifier.core.robots import Address
from services.notifier.metrics import NotifierMetrics
from services.notifier.outbox import Outbox
from services.notifier.sender import Sender
from services.notifier.tables import LETTERS, MESSAGES
from services.runtime.clock import ManualClock
from services.runtime.post import post
from tests.support.events import AT
from tests.support.notices import POLICY, UNIT, Log, assigned, case, warned
from tests.support.robots import Robots

SECRET = "sec-never-in-a-log"  # noqa: S105 - of a loopback robot
DESK = "https://desk.example"


class Pulled(BaseException):
    """The plug: nothing of ours runs after it."""


class Office:
    """A notifier's outbox and sender that can be started anew on the same database."""

    def __init__(self, url, kind="wecom"):
        self.clock = ManualClock(AT)
        self.robots = Robots(self.clock.now, SECRET)
        query = "?key=good" if kind == "wecom" else ""
        self.address = Address(UNIT, kind, self.robots.url(f"{kind}/one{query}"), SECRET)
        self.url, self.log = url, Log()
        self.start()

    def start(self):
        self.registry = CollectorRegistry()
        robots = {UNIT: self.address}
        self.outbox = Outbox(self.url, POLICY, {UNIT: self.address.kind})
        metrics = NotifierMetrics(self.registry)
        self.sender = Sender(self.outbox, robots, DESK, post, metrics)

    def tell(self, *data):
        return self.outbox.apply([self.log.put(one) for one in data], self.clock.now())

    def run(self):
        while self.sender.step(self.clock.now):
            pass

    def wait(self, **length):
        self.clock.advance(timedelta(**length))
        self.run()

    def states(self):
        with self.outbox.engine.connect() as link:
            return sorted(link.scalars(select(MESSAGES.c.state)))

    def posts(self, outcome):
        return self.registry.get_sample_value(
            "anxin_message_posts_total", {"robot_kind": self.address.kind, "outcome": outcome}
        )


@pytest.fixture
def office(database) -> Iterator[Office]:
    made = Office(database("notifier"))
    yield made
    made.robots.close()


def test_an_assignment_reaches_the_chat_of_the_unit(office):
    office.outbox.apply([office.log.opened(case())], AT)
    office.tell(assigned(case()))
    office.run()
    [(path, text, key)] = office.robots.got
    assert path == "wecom/one"
    assert text.startswith("新派案件请签收：签收，剩余 4 小时，案号 20250828-")
    assert f"{DESK}/cases/{case()}" in text
    assert f"（消息 {key[:8]}）" in text
    assert office.states() == ["delivered"]
    assert office.posts("delivered") == 1


def test_the_plug_pulled_after_the_post_and_before_the_mark(office, monkeypatch):
    office.tell(assigned(case()))

    def pulled(*_):
        raise Pulled

    with monkeypatch.context() as patch:
        patch.setattr(office.outbox, "mark", pulled)
        with pytest.raises(Pulled):
            office.run()
    assert len(office.robots.got) == 1
    office.start()
    office.run()
    office.run()
    assert len(office.robots.got) == 2
    assert len({key for _, _, key in office.robots.got}) == 1
    assert office.states() == ["delivered"]


def test_the_plug_pulled_before_the_post(office):
    def pulled(*_):
        raise Pulled

    office.tell(assigned(case()))
    office.sender.post = pulled
    with pytest.raises(Pulled):
        office.run()
    assert office.robots.got == []
    office.start()
    office.run()
    assert len(office.robots.got) == 1


@pytest.mark.parametrize("where", ["_tell", "_move"])
def test_the_plug_pulled_while_events_are_taken_in(office, monkeypatch, where):
    office.tell(assigned(case(1)))
    records = [office.log.put(one) for one in (warned(case(1)), warned(case(1)))]

    def pulled(*_):
        raise Pulled

    with monkeypatch.context() as patch:
        patch.setattr(f"services.notifier.outbox.{where}", pulled)
        with pytest.raises(Pulled):
            office.outbox.apply(records, AT)
    office.start()
    assert office.outbox.places() == {("escalations", 0): 1}
    office.outbox.apply(records, AT)
    assert office.outbox.apply(records, AT) == []
    office.run()
    assert len(office.robots.got) == 3


def test_nobody_there_is_tried_again_later_and_later_and_given_up_after_a_day(office):
    office.robots.down = True
    office.tell(assigned(case()))
    office.run()
    assert office.posts("unreachable") == 1
    office.wait(seconds=9)
    assert office.posts("unreachable") == 1
    office.wait(seconds=2)
    assert office.posts("unreachable") == 2
    office.robots.down = False
    office.wait(minutes=1)
    assert office.states() == ["delivered"]
    assert len(office.robots.got) == 1


def test_a_wrong_key_is_no_success_though_the_status_is_200(office):
    office.address = Address(UNIT, "wecom", office.robots.url("wecom/one?key=bad"))
    office.start()
    office.tell(assigned(case()))
    office.run()
    assert office.robots.said[0]["errcode"] == 93000
    assert office.states() == ["waiting"]
    for _ in range(60):
        office.wait(minutes=30)
    assert office.states() == ["dead"]
    assert office.registry.get_sample_value("anxin_messages_given_up_total") == 1
    with office.outbox.engine.connect() as link:
        assert link.scalars(select(LETTERS.c.code)).all() == ["93000"]


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_storm_is_a_digest_and_no_robot_ever_says_too_often(database, kind):
    office = Office(database("notifier"), kind)
    for number in range(200):
        office.tell(assigned(case(number)))
    for _ in range(600):
        office.wait(seconds=1)
    assert office.states() == ["delivered"] * 200
    assert office.posts("busy") == 0
    told = sum(int(t.split()[1]) if t.startswith("待办提醒") else 1 for t in office.robots.texts())
    assert told == 200
    assert len(office.robots.got) < 40
    office.robots.close()


def test_urgent_ones_pass_a_storm_by_themselves(office):
    for number in range(50):
        office.tell(assigned(case(number)))
    office.run()
    office.tell(assigned(case(99), urgent=True))
    office.run()
    assert office.robots.texts()[-1].startswith("【紧急】新派案件请签收")
    assert office.posts("busy") == 0


def test_another_sender_has_filled_the_robot(office):
    """Somebody else uses the same robot: its word counts, and the whole robot rests."""
    for _ in range(20):
        office.robots._hit("wecom/one")
    office.tell(assigned(case(1)), assigned(case(2)))
    office.run()
    assert office.posts("busy") == 1
    assert office.robots.said[0]["errcode"] == 45009
    office.wait(seconds=59)
    assert office.posts("busy") == 1
    office.wait(seconds=2)
    assert office.states() == ["delivered"] * 2


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "sms"])
def test_what_is_signed_is_signed_as_they_check_it(database, kind):
    office = Office(database("notifier"), kind)
    office.tell(assigned(case()))
    office.run()
    assert office.states() == ["delivered"]
    office.address = Address(UNIT, kind, office.address.url, "another secret")
    office.start()
    office.tell(assigned(case(2)))
    office.run()
    assert office.posts("refused") == 1
    office.robots.close()


def test_neither_address_nor_secret_is_ever_logged(office, capfd):
    office.robots.down = True
    office.tell(assigned(case()))
    office.run()
    office.robots.down = False
    office.address = Address(UNIT, "wecom", office.robots.url("wecom/one?key=bad"), SECRET)
    office.start()
    office.wait(minutes=1)
    said = "".join(capfd.readouterr())
    assert "not_delivered" in said
    assert SECRET not in said
    assert "key=" not in said
    assert "127.0.0.1" not in said
