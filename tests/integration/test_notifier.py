"""The notifier on a real Kafka, killed again and again: no letter is lost, and what comes twice is accounted for."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from schemas import cases as c
from schemas.codec import encode
from schemas.event import Data, Event
from services.kernel.ids import case_number, derived_id
from services.notifier.settings import outbox_url
from services.notifier.tables import LETTERS, MESSAGES, OFFSETS
from services.runtime.clock import SteppedClock, write_stepped
from services.runtime.settings import Settings
from tests.support.events import AT, submission
from tests.support.kafka import send, until
from tests.support.notices import OWNER, assigned, case, outbox
from tests.support.robots import Robots

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]
COUNT, PORTION, KILLS = 120, 40, 3
FEISHU, WECOM = "420704002", "420704003"
SECRET = "of-a-loopback-robot"  # noqa: S105
NUMBER = re.compile(r"案号 (\d{8}-\w+)")


def in_wecom(number: int) -> bool:
    """A chat that cuts at 2048 bytes: no digests go there, so that every message can be counted in the texts."""
    return number % 4 == 0


def urgent(number: int) -> bool:
    return number % 4 < 2


def told(number: int) -> Data:
    owner = OWNER.model_copy(update={"unit_code": WECOM if in_wecom(number) else FEISHU})
    return assigned(case(number), owner, urgent=urgent(number))


def opened(number: int) -> Data:
    said = case_number(case(number), AT)
    return c.CaseOpened(
        district="420704", case_id=case(number), number=said, submission=submission()
    )


def record(data) -> tuple[bytes, bytes, list]:
    key = str(data.case_id)
    headers, value = encode(Event(derived_id(data.case_id, data.TYPE), "test", AT, key, data))
    return key.encode(), value, headers


def due(numbers: Sequence[int]) -> Counter:
    """(robot, case number) of every message that is owed."""
    found: Counter = Counter()
    for n in numbers:
        said = case_number(case(n), AT)
        found["wecom" if in_wecom(n) else "feishu", said] += 1
        found["sms", said] += urgent(n)
    return +found


class Office:
    """Robots, the notifier as a process, and who starts it again. Virtual time moves a second at every look."""

    def __init__(self, kafka, prefix, service, folder, url="") -> None:
        self.kafka, self.prefix, self.service = kafka, prefix, service
        self.file, self.at = folder / "clock", AT
        write_stepped(self.file, AT)
        self.robots = Robots(SteppedClock(self.file).now, SECRET)
        self.url = url or outbox_url(Settings(home=folder / "home"))
        self.engine = outbox(self.url).engine
        self.sent = 0
        self.kills = self.blind = 0
        self.unmarked: Counter[str] = Counter()
        # before anything is posted: numbers are known
        self.send("cases", map(opened, range(COUNT)))
        self.notifier = self.start()

    def start(self, instance: str = "0"):
        robots = (
            f"unit-{FEISHU} feishu {self.robots.url('feishu/unit')} {SECRET}",
            f"unit-{WECOM} wecom {self.robots.url('wecom/unit?key=good')}",
            f"sms sms {self.robots.url('sms/all')} {SECRET}",
        )
        more = {
            "ANXIN_CLOCK": f"stepped:{self.file}",
            "ANXIN_ROBOTS": "\n".join(robots),
            "ANXIN_NOTIFIER_URL": self.url,
        }
        return self.service("services.notifier", instance, **more)

    def send(self, topic: str, some) -> None:
        records = [record(one) for one in some]
        send(self.kafka.bootstrap, self.prefix + topic, records)
        self.sent += len(records)

    def tell(self, numbers: Sequence[int]) -> None:
        self.send("escalations", map(told, numbers))

    def until(self, true, what: str) -> None:
        def looked() -> bool:
            self.at += timedelta(seconds=1)
            write_stepped(self.file, self.at)
            if self.notifier.process.poll() is not None:
                self.robots.down = False
                self.notifier.start()
            return true()

        until(looked, what)

    def kill(self) -> None:
        """At any moment of its work."""
        self.pull()
        self.blind += 1

    def pull(self) -> None:
        self.notifier.kill()
        self.kills += 1

    def kill_before(self, posts: set[int]) -> None:
        """While these posts are under way: no robot has them."""
        seen: list[str] = []

        def at(letter: str) -> None:
            seen.append(letter)
            if len(seen) in posts:
                self.robots.down = True
                self.pull()

        self.robots.before = at

    def kill_after(self, letters: set[int]) -> None:
        """When a robot has taken the letter and its answer is not there yet."""

        def at(letter: str) -> None:
            got = self.robots.got
            if len(got) in letters and got[-1][2] == letter:
                letters.remove(len(got))
                self.unmarked[letter] += 1
                self.pull()

        self.robots.after = at

    def number(self, what, *asked) -> int:
        with self.engine.connect() as link:
            return link.scalar(select(func.coalesce(what, 0)).where(*asked))

    def read(self) -> int:
        """Records taken in, of both topics."""
        return self.number(func.sum(OFFSETS.c.next_offset))

    def open(self) -> int:
        waiting = self.number(func.count(MESSAGES.c.id), MESSAGES.c.state == "waiting")
        return waiting + self.number(func.count(LETTERS.c.id), LETTERS.c.state == "open")

    def over(self) -> bool:
        return self.read() >= self.sent and self.open() == 0

    def letters(self) -> Counter:
        return Counter(letter for _, _, letter in self.robots.got)

    def messages(self) -> Counter:
        """(robot, case number), each letter counted once however often it came."""
        texts = {letter: (path, text) for path, text, letter in self.robots.got}
        return Counter(
            (path.split("/")[0], number)
            for path, text in texts.values()
            for number in NUMBER.findall(text)
        )


@contextmanager
def opened_office(*what):
    made = Office(*what)
    yield made
    made.notifier.kill()
    made.robots.close()
    made.engine.dispose()


@pytest.fixture
def office(kafka, prefix, service, tmp_path):
    with opened_office(kafka, prefix, service, tmp_path) as made:
        yield made


@pytest.fixture
def either_office(kafka, prefix, service, tmp_path, database):
    """On SQLite and on PostgreSQL."""
    with opened_office(kafka, prefix, service, tmp_path, database("notifier")) as made:
        yield made


@pytest.mark.parametrize("moment", ["taken", "under way", "reading"])
def test_killed_no_letter_is_lost_and_each_second_one_is_accounted_for(office, moment):
    chance = random.Random(moment)
    points = set(chance.sample(range(5, 100), KILLS))
    if moment == "taken":
        office.kill_after(points)
    if moment == "under way":
        office.kill_before(points)
    for begin in range(0, COUNT, PORTION):
        known = office.read()
        office.tell(range(begin, begin + PORTION))
        if moment == "reading":
            office.until(lambda known=known: office.read() > known, "some of it taken in")
            office.kill()
    office.until(office.over, "an empty outbox")
    assert office.kills == KILLS
    assert office.messages() == due(range(COUNT))
    again = office.letters() - Counter(set(office.letters()))
    # taken and not marked = exactly once more; a kill at any moment may have met one such letter
    assert office.unmarked - again == Counter()
    assert (again - office.unmarked).total() <= office.blind
    assert (office.read(), office.open()) == (office.sent, 0)


def test_killed_while_the_robots_refuse_connections(office):
    first, more = range(40), range(40, 80)
    office.tell(first)
    office.until(lambda: len(office.robots.got) >= 5, "some letters")
    office.robots.close()
    office.tell(more)
    tried = func.sum(LETTERS.c.failures)
    for failures in (1, 3):
        office.until(lambda failures=failures: office.number(tried) >= failures, "it has tried")
        office.kill()
    office.until(lambda: office.number(tried) >= 5 and office.read() == office.sent, "and again")
    assert office.open() > 0
    office.robots.open()
    office.until(office.over, "an empty outbox")
    assert office.messages() == due(range(80))
    # nobody had taken what was under way when it was killed
    assert set(office.letters().values()) == {1}


def test_a_second_one_on_the_same_outbox_posts_nothing_until_the_first_is_gone(either_office):
    office = either_office
    office.tell(range(8))
    office.until(office.over, "the first at work")
    second = office.start("1")
    assert second.process.wait(60) == 70
    assert "another process has " in second.log.read_text()
    office.tell(range(8, 16))
    office.until(office.over, "the first still at work")
    office.notifier.kill()
    office.notifier = second
    office.tell(range(16, 24))
    office.until(office.over, "the second at work")
    assert office.messages() == due(range(24))
    assert set(office.letters().values()) == {1}
