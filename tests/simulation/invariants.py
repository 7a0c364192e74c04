"""What must hold of every world once everything is settled. Each check yields what is wrong, in words."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

from schemas import cases as c
from schemas import escalations as e
from schemas.actions import Action, Replied, Split
from schemas.event import Data, Event
from services.escalation.core.advance import PARK_H_MAX
from services.escalation.core.state import Case, next_due
from services.runtime.rows import decode_row
from services.runtime.settle import partition_of
from tests.simulation.clocks import clocks
from tests.simulation.facts import Facts, facts_of, later_bytes
from tests.simulation.groups import groups
from tests.simulation.log import EPOCH
from tests.simulation.world import World

PARK = timedelta(hours=PARK_H_MAX)
ANSWERED = ("national", "provincial", "12345", "12333", "window")


def broken(world: World) -> list[str]:
    """Empty = this world is well."""
    facts = facts_of(world)
    return [text for check in CHECKS for text in check(facts)]


def fates(facts: Facts) -> Iterator[str]:
    """Every submission sent is in exactly one case, or was buried, or was a patrol that found nothing."""
    inside = Counter(
        s.submission.submission_id for case in facts.cases.values() for s in case.sources
    )
    want = {one.submission: one for one in facts.world.script.told}
    buried = [one for one in facts.buried if dict(one.headers)["anxin_stage"] == b"intake.receive"]
    for submission, told in want.items():
        expected = 1 if told.fate == "case" else 0
        if inside[submission] != expected:
            yield f"{told.fate} {told.channel}/{told.number} is in {inside[submission]} cases"
    for stranger in inside.keys() - want.keys():
        yield f"submission {stranger} was never sent"
    bad = sum(one.fate == "bad" for one in facts.world.script.told)
    if len(buried) != bad:
        yield f"{bad} bad records, {len(buried)} buried"
    for one in facts.buried:
        if one not in buried:
            yield f"buried by {dict(one.headers)['anxin_stage']!r}: {dict(one.headers)['anxin_detail'].decode()}"


def rows_held(facts: Facts) -> Iterator[str]:
    """A row kept decoded is what its bytes say: a successor, who reads only these, decides the same."""
    for seat in facts.world.fleet.seats.values():
        for name, chain in (seat.chains or {}).items():
            for key, (raw, row) in chain.rows.decoded.items():
                model = chain.settler.stage.state
                if chain.rows.raw.get(key) is raw and decode_row(raw, model) != row:
                    yield f"{name} row {key} is held otherwise than written"


def one_content(facts: Facts) -> Iterator[str]:
    """A replay writes the same bytes under the same id."""
    yield from (f"two contents under one id: {text}" for text in facts.twofold)


def one_effect(facts: Facts) -> Iterator[str]:
    """No effect comes a second time under a new id."""
    seen = Counter(
        name
        for topic in ("cases", "routings", "escalations")
        for event, _ in facts.events[topic].values()
        if (name := _effect(event.data))
    )
    yield from (f"{count} times {what}" for what, count in seen.items() if count > 1)


def _effect(data: Data) -> tuple[object, ...]:
    """What may happen once; () = anything may happen often."""
    match data:
        case c.CaseOpened() | c.CaseDeclined():
            return data.TYPE, data.case_id
        case c.SubmissionJoined():
            return data.TYPE, data.submission.submission_id, data.case_id
        case c.SubmissionSplit():
            return data.TYPE, data.submission_id, data.case_id
        case c.CaseRouted() | e.AssignmentMade():
            return data.TYPE, data.case_id, data.attempt
        case e.ActionTaken() | e.ActionRefused():
            return "verdict", data.command_id
        case _:
            return ()


def verdicts(facts: Facts) -> Iterator[str]:
    """Every command is taken or refused, once; none because it came early."""
    said: dict[UUID, e.ActionTaken | e.ActionRefused] = {
        one.data.command_id: one.data  # type: ignore[attr-defined]
        for one in facts.kind("escalations", e.ActionTaken, e.ActionRefused)
    }
    for command in {one.event.id: one.event for one in facts.world.script.done}.values():
        verdict = said.pop(command.id, None)
        if verdict is None:
            yield f"never answered: {command.data}"
        elif isinstance(verdict, e.ActionRefused):
            yield from _early(facts, command, verdict.reason)
    yield from (f"answer to nothing: {one}" for one in said)


def _early(facts: Facts, command: Event, reason: str) -> Iterator[str]:
    """What it waited for must not have come within the time it is parked."""
    data = command.data
    assert isinstance(data, Action)
    came_at = facts.events["actions"][command.id][1].timestamp
    end = came_at + PARK
    on_cases = [one for one in facts.events["cases"].values() if _case(one[0]) == data.case_id]
    came = {
        "unknown_case": any(
            isinstance(one.data, c.CaseOpened) and record.timestamp < end
            for one, record in on_cases
        ),
        "unknown_source": any(
            record.timestamp < end and _brings(one.data, data) and not _left(facts, one.data)
            for one, record in on_cases
        ),
        "not_assigned": any(
            isinstance(one.data, e.AssignmentMade) and came_at <= record.timestamp < end
            for one, record in facts.of_case[data.case_id]
        ),
    }
    if came.get(reason):
        yield f"refused as {reason}, though it came: {data}"


def _case(event: Event) -> UUID | None:
    return getattr(event.data, "case_id", None)


def _brings(data: Data, command: Action) -> bool:
    """Whether an event of `cases` brings the record a command names."""
    submission = getattr(data, "submission", None)
    if submission is None:
        return False
    if isinstance(command, Split):
        return bool(command.submission_id == submission.submission_id)
    place = (submission.channel, submission.external_no)
    return isinstance(command, Replied) and (command.channel, command.external_no) == place


def _left(facts: Facts, data: Data) -> bool:
    """It has gone to a case of its own meanwhile."""
    here = (data.case_id, data.submission.submission_id)  # type: ignore[attr-defined]
    return any(
        (one.data.case_id, one.data.submission_id) == here  # type: ignore[attr-defined]
        for one in facts.kind("cases", c.SubmissionSplit)
    )


def nothing_armed(facts: Facts) -> Iterator[str]:
    """No instant of the world is left unfired, by the rows and by what the cases themselves say."""
    end = facts.world.script.end
    end_ms = (end - EPOCH) // timedelta(milliseconds=1)
    for name, rows in facts.rows:
        for key, at in rows.due.items():
            if at <= end_ms:
                yield f"{name} {key}: armed {end_ms - at} ms before the end"
    for case in facts.cases.values():
        due = next_due(case)
        if due is not None and due <= end:
            yield f"{case.case_id}: {due} passed unfired"
        yield from (f"parked for ever: {one.type}" for one in case.parked if one.until is None)


def answers(facts: Facts) -> Iterator[str]:
    """For each closing one answer to each source, told on both topics; a patrol is owed none."""
    on_replies = {one.data for one in facts.kind("replies")}
    for case_id, told in facts.of_case.items():
        period: Counter[UUID] = Counter()
        for event, _ in told:
            data = event.data
            if isinstance(data, e.ReplyOwed):
                period[data.submission_id] += 1
                if data.channel not in ANSWERED or data not in on_replies:
                    yield f"{case_id}: owed to {data.channel}, or not on replies"
            elif isinstance(data, e.CaseReopened):
                yield from _twice(case_id, period)
                period.clear()
        yield from _twice(case_id, period)
        yield from _unanswered(facts.cases.get(case_id), period)


def _twice(case_id: UUID, period: Counter[UUID]) -> Iterator[str]:
    yield from (f"{case_id}: {n} answers to {one}" for one, n in period.items() if n > 1)


def _unanswered(case: Case | None, period: Counter[UUID]) -> Iterator[str]:
    if case is None or case.closed_at is None:
        return
    for source in case.sources:
        known = period[source.submission.submission_id] or source.replied
        if source.submission.channel in ANSWERED and not known:
            yield f"{case.case_id}: closed, {source.name} has no answer"


def private(facts: Facts) -> Iterator[str]:
    """Nothing that names a person after the inbound topics, quarantine apart."""
    words = [word for person in facts.world.script.people for word in person.secrets()]
    parts = later_bytes(facts.world)
    whole = b"\n".join(parts)
    for word in (word.encode() for word in words):
        if word in whole:
            found = next(part for part in parts if word in part)
            yield f"personal: {found.decode()[:300]}"


def at_home(facts: Facts) -> Iterator[str]:
    """A row lives in the partition of its key (ADR 2), and only there."""
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    for (name, number), records in facts.world.log.partitions.items():
        if name.endswith("-changelog"):
            for record in records:
                places[name, (record.key or b"").decode()].add(number)
    for (name, key), numbers in places.items():
        row = key.split("/", 1)[1] if name == "intake-receive-changelog" else key
        if numbers != {partition_of(row, 24)}:
            yield f"{name} {key} in partitions {sorted(numbers)}"


CHECKS: tuple[Callable[[Facts], Iterator[str]], ...] = (
    fates, rows_held, one_content, one_effect, verdicts, nothing_armed, answers, clocks, groups, private, at_home,
)  # fmt: skip
