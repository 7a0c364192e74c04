"""The replay: arrivals through the channels' own door, deeds as commands, deadlines when virtual time comes to them."""

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from schemas.cases import CaseOpened, SubmissionJoined, SubmissionSplit
from schemas.codec import decode
from schemas.escalations import AssignmentMade, Owner
from schemas.event import Record
from services.demo.core.scenario import (
    Account,
    Broken,
    Deed,
    Moment,
    Scenario,
    Submit,
    actor_of,
    command_of,
    scenario_of,
)
from services.demo.core.today import spots_of, today
from services.intake.adapter import NOBODY, Adapter
from services.intake.core.certify import Origin
from services.intake.core.policy import Policy
from services.intake.settings import load_policy
from services.runtime.clock import clock_of
from services.runtime.message import Message
from services.runtime.policy_files import listed, office_calendar, table, toml
from services.runtime.publish import Publisher
from services.runtime.settings import Settings
from services.runtime.stepper import Stepper, next_instant

WATCH = ("cases", "escalations")
STEPS_MAX = 20_000
SEED = 7  # of today: any other number is as good
FOLDER = Path(__file__).resolve().parents[2] / "demo"


class ReplayError(RuntimeError):
    """The services did not do what a line of the scenario builds on."""


@dataclass(frozen=True, slots=True)
class Tick:
    """After each step: virtual time, lines done of all, and whether a deadline was its reason."""

    at: datetime
    done: int
    total: int
    deadline: bool


@dataclass
class Log:
    """Real seconds of each step; those of a deadline: until everything it set off was confirmed."""

    line_s: list[float] = field(default_factory=list)
    deadline_s: list[float] = field(default_factory=list)
    whole_s: float = 0.0


def read_scenario(name: str) -> Scenario:
    """`acceptance-2025` or `extras`, of the project's demo folder."""
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return scenario_of(lines)


def read_today(settings: Settings, now: datetime) -> Scenario:
    """The last days up to `now`: other months and hours every time, else the same."""
    scene = toml(FOLDER / "today.toml")
    grids = table(listed(settings.policies / "grids", ".csv")[-1])
    lines = today(scene, spots_of(grids), office_calendar(settings.policies), now, SEED)
    return scenario_of(json.dumps(line) for line in lines)


class Replay:
    """One run over running services. Knows of cases and owners only what the topics say."""

    def __init__(
        self,
        settings: Settings,
        stepper: Stepper,
        publisher: Publisher,
        roster: Sequence[Account],
        tell: Callable[[Tick], None],
    ) -> None:
        self.settings, self.stepper, self.publisher = settings, stepper, publisher
        self.roster, self.tell = roster, tell
        self.policy: Policy = load_policy(settings, NOBODY)
        self.cases: dict[UUID, UUID] = {}
        self.owners: dict[UUID, Owner] = {}
        self.log = Log()
        self.due: datetime | None = None

    def run(self, moments: Sequence[Moment], until: datetime | None = None) -> None:
        """All of them in order of time, and every deadline where it falls: until none is armed, or up to `until`."""
        waiting = deque(moments)
        total, done = sum(len(moment.items) for moment in moments), 0
        for _ in range(STEPS_MAX):
            at = next_instant(waiting[0].at if waiting else None, self.due)
            if at is None or (until is not None and at > until):
                return
            here = waiting.popleft().items if waiting and waiting[0].at == at else ()
            self.stepper.move(at)
            for item in here:
                self._play(item, at)
            self._settle(self.log.line_s if here else self.log.deadline_s)
            done += len(here)
            self.tell(Tick(at, done, total, not here))
        raise ReplayError(f"{STEPS_MAX} steps without an end: the last deadline at {self.due}")

    def _settle(self, seconds: list[float]) -> None:
        settled = self.stepper.settle()
        seconds.append(settled.seconds)
        self.due = settled.due
        for record in settled.news:
            self._learn(record)

    def _learn(self, record: Record) -> None:
        data = decode(record).data
        if isinstance(data, CaseOpened | SubmissionJoined):
            self.cases[data.submission.submission_id] = data.case_id
        elif isinstance(data, SubmissionSplit):
            self.cases[data.submission_id] = data.into
        elif isinstance(data, AssignmentMade):
            self.owners[data.case_id] = data.owner

    def _play(self, item: Submit | Broken | Deed, at: datetime) -> None:
        if isinstance(item, Submit):
            self._submit(item, at)
        elif isinstance(item, Broken):
            topic = f"inbound-{item.channel}"
            self.publisher.send(Message(topic, item.key, item.value, item.headers), at)
        else:
            self._act(item, at)

    def _submit(self, item: Submit, at: datetime) -> None:
        origin = Origin(item.channel, "demo")
        door = Adapter(origin, self.policy, clock_of(self.settings.clock), self.publisher)
        for answer in door.publish([item.raw], at):
            if answer.status == "refused":
                raise ReplayError(f"{item.channel} {item.external_no}: {answer.reason}")

    def _act(self, deed: Deed, at: datetime) -> None:
        if deed.of not in self.cases:
            self._settle([])  # its submission came at this very instant
        case = self.cases.get(deed.of)
        if case is None:
            raise ReplayError(f"{deed.kind} at {at}: its submission became no case")
        actor = actor_of(self.roster, deed.post, self.owners.get(case))
        command = command_of(deed, case, actor, at, self.settings.district)
        self.publisher.event(command, at)
