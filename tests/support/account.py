"""Exact accounting over the topics of a run: what was sent, and the one fate of each."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from schemas import cases as c
from schemas import escalations as e
from schemas.actions import Action
from schemas.codec import decode
from schemas.event import Data, Event, Record
from schemas.submissions import SubmissionReceived
from tests.support.kafka import Tail

TOPICS = ("submissions", "cases", "routings", "actions", "escalations", "replies")


@dataclass
class Account:
    """Events by topic, distinct by id; `contents` = how many different bytes stand under one id."""

    events: dict[str, dict[str, Event]] = field(default_factory=dict)
    contents: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    repeated: int = 0

    def put(self, topic: str, record: Any) -> None:
        headers = tuple(record.headers)
        event = decode(Record(topic, 0, 0, None, record.key, record.value, headers))  # type: ignore[arg-type]
        known = self.events.setdefault(topic, {})
        self.repeated += str(event.id) in known
        known[str(event.id)] = event
        self.contents[f"{topic}/{event.id}"].add(record.value)

    def of(self, kind: type[Data], topic: str | None = None) -> list[Any]:
        return [
            event.data
            for name, events in self.events.items()
            if topic in (None, name)
            for event in events.values()
            if isinstance(event.data, kind)
        ]


def account_of(bootstrap: str, prefix: str) -> Account:
    found = Account()
    for topic in TOPICS:
        tail = Tail(bootstrap, prefix, topic)
        for record in tail.all():
            found.put(topic, record)
        tail.consumer.close()
    return found


def problems(found: Account, submissions: int) -> list[str]:
    """What is lost, doubled or nobody's; empty = every submission has exactly one fate, every command one answer."""
    wrong = [f"{key}: {len(v)} contents" for key, v in found.contents.items() if len(v) > 1]
    fates = Counter(
        str(data.submission.submission_id)
        for data in found.of(c.CaseOpened, "cases") + found.of(c.SubmissionJoined, "cases")
    )
    received = {str(d.submission.submission_id) for d in found.of(SubmissionReceived)}
    wrong += [f"submission {one} has {n} fates" for one, n in fates.items() if n != 1]
    wrong += [f"submission {one} has no case" for one in received - fates.keys()]
    if len(received) != submissions:
        wrong.append(f"{len(received)} submissions, not {submissions}")
    return wrong + _cases(found) + _commands(found)


def _cases(found: Account) -> list[str]:
    decided = Counter(
        data.case_id
        for data in found.of(c.CaseRouted) + found.of(c.CaseDeclined)
        if getattr(data, "attempt", 1) == 1
    )
    opened = {data.case_id for data in found.of(c.CaseOpened)}
    wrong = [f"case {one}: routed {decided[one]} times" for one in opened if decided[one] != 1]
    runs = Counter(
        (d.case_id, d.clock, d.variant, d.source, d.started_at) for d in found.of(e.ClockStarted)
    )
    wrong += [f"clock started {n} times: {run}" for run, n in runs.items() if n > 1]
    assigned = Counter((d.case_id, d.attempt) for d in found.of(e.AssignmentMade))
    wrong += [f"assigned {n} times: {one}" for one, n in assigned.items() if n > 1]
    breached = Counter(
        (d.case_id, d.clock, d.source, d.due_at) for d in found.of(e.DeadlineBreached)
    )
    wrong += [f"breached {n} times: {one}" for one, n in breached.items() if n > 1]
    owed = Counter((d.case_id, d.channel, d.external_no) for d in found.of(e.ReplyOwed, "replies"))
    return wrong + [f"owed {n} times: {one}" for one, n in owed.items() if n > 1]


def _commands(found: Account) -> list[str]:
    given = {one for one, event in found.events.get("actions", {}).items()
             if isinstance(event.data, Action)}  # fmt: skip
    answers = Counter(
        str(data.command_id) for data in found.of(e.ActionTaken) + found.of(e.ActionRefused)
    )
    wrong = [f"command {one}: {answers[one]} answers" for one in given if answers[one] != 1]
    early = {"unknown_case", "not_assigned", "unknown_source"}
    wrong += [
        f"refused for having come early: {d.verb}, {d.reason}"
        for d in found.of(e.ActionRefused)
        if d.reason in early
    ]
    return wrong
