"""A case told as a story: what happened when, on a manual clock, through escalation's one decision.

Local times are of the office (Asia/Shanghai). Timers fire where the row says so, in order, as the engine does.
"""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas import actions as a
from schemas import cases as c
from schemas import escalations as e
from schemas.event import Data, Event
from schemas.matter import Submission
from schemas.submissions import SubmissionAmended
from services.escalation.core.advance import advance
from services.escalation.core.policy import Policy
from services.escalation.core.state import Case, next_due
from services.escalation.settings import load_policy
from services.kernel.ids import case_id, case_number, derived_id, submission_id
from services.runtime.settings import Settings
from tests.support.events import matter, submission

ZONE = ZoneInfo("Asia/Shanghai")
GRID = "420704002-G05"
OTHER_GRID = "420704002-G06"
POLICIES = Path(__file__).resolve().parents[2] / "policies"
FIRES_MAX = 200


@cache
def policy() -> Policy:
    return load_policy(Settings(policies=POLICIES))


def local(text: str) -> datetime:
    """`2026-09-21 09:00` at the office."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def target(**changes: Any) -> c.Target:
    whole = {
        "grid": GRID,
        "unit_code": "420704002",
        "unit": "古楼街道",
        "post": "grid_officer",
        "confidence": 0.9,
    }
    return c.Target(**(whole | changes))


class Story:
    """`facts`: everything said so far, in order. A step given `at` moves the clock there first."""

    def __init__(self, start: str = "2026-09-21 09:00", one: Policy | None = None) -> None:
        self.now = local(start)
        self.policy = one or policy()
        self.number = 0
        self.row: Case | None = None
        self.facts: list[Any] = []
        self.outs: list[Any] = []
        self.case: UUID = case_id(submission_id("window", "W1"))

    # the clock
    def until(self, at: str | datetime) -> "Story":
        """Moves on; what is armed up to then fires at its instant."""
        goal = local(at) if isinstance(at, str) else at
        for _ in range(FIRES_MAX):
            due = next_due(self.row) if self.row else None
            if due is None or due > goal:
                break
            self.now = max(self.now, due)
            self.give(a.DeadlineDue(district="420704", case_id=self.case, due_at=due))
        self.now = max(self.now, goal)
        return self

    # events
    def give(
        self, data: Data, deed: datetime | None = None, now: datetime | None = None
    ) -> "Story":
        self.number += 1
        event = Event(
            derived_id(self.case, f"story/{data.TYPE}", self.number),
            "urn:test",
            deed or now or self.now,
            str(self.case),
            data,
        )
        step = advance(self.policy, self.row, event, now or self.now)
        self.row = step.state
        self.outs += step.events
        self.facts += [out.event.data for out in step.events if out.topic == "escalations"]
        return self

    def record(self, channel: str = "window", number: str = "W1", **changes: Any) -> Submission:
        return submission(
            submission_id=submission_id(channel, number),
            channel=channel,
            external_no=number,
            occurred_at=changes.pop("occurred_at", self.now),
            received_at=changes.pop("received_at", self.now),
            matter=matter(hints=(), **changes),
        )

    def opened(self, channel: str = "window", number: str = "W1", **changes: Any) -> "Story":
        one = self.record(channel, number, **changes)
        return self.give(
            c.CaseOpened(
                district="420704",
                case_id=self.case,
                number=case_number(self.case, self.now),
                submission=one,
            )
        )

    def joined(self, channel: str, number: str, **changes: Any) -> "Story":
        one = self.record(channel, number, **changes)
        like = c.Likeness(score=0.9, reason_zh="同一电话")
        return self.give(
            c.SubmissionJoined(district="420704", case_id=self.case, submission=one, likeness=like)
        )

    def amended(self, channel: str = "window", number: str = "W1", **changes: Any) -> "Story":
        one = self.record(channel, number, **changes)
        return self.give(SubmissionAmended(district="420704", case_id=self.case, submission=one))

    def routed(self, attempt: int = 1, kind: str = "village", **changes: Any) -> "Story":
        final = changes.pop("final", False)
        return self.give(
            c.CaseRouted(
                district="420704",
                case_id=self.case,
                attempt=attempt,
                target=target(**changes),
                rule_kind=kind,
                final=final,
            )
        )

    def does(
        self, verb: type[a.Action], post: str = "grid_officer", at: str = "", **fields: Any
    ) -> "Story":
        """A command, by default given and arriving now; with `at`: done then and arriving now."""
        actor = a.Actor(post=post, account=fields.pop("account", ""))
        data = verb(district="420704", case_id=self.case, actor=actor, **fields)
        return self.give(data, deed=local(at) if at else None)

    # what came of it
    def said(self, kind: type[Data]) -> list[Any]:
        return [fact for fact in self.facts if type(fact) is kind]

    def last(self, kind: type[Data]) -> Any:
        return self.said(kind)[-1]

    def refused(self) -> list[str]:
        return [fact.reason for fact in self.said(e.ActionRefused)]

    def clock(self, name: str, source: str = "") -> Any:
        assert self.row is not None
        return self.row.clock((name, source))

    def running(self) -> set[str]:
        assert self.row is not None
        return {clock.id for clock in self.row.clocks}


def ordinary(start: str = "2026-09-21 09:00", **changes: Any) -> Story:
    """Opened at the window, routed to a grid of 古楼街道, signed within the hour."""
    story = Story(start).opened(**changes).routed()
    return story.until(story.now + timedelta(hours=1)).does(a.Sign)


def office(instant: datetime) -> str:
    return instant.astimezone(ZONE).strftime("%m-%d %H:%M")
