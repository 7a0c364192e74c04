from schemas.submissions import SubmissionAmended, SubmissionReceived
from services.intake.core.receive import Receipt, receive
from services.kernel.step import Step
from tests.support.intake import KEY, NOW, arrival, call, policy

PATROL = {
    "patrol_no": "X1",
    "grid": "420704107-G02",
    "unit_name": "某超市",
    "started_at": "2026-11-16",
}


def take(channel: str, raw: dict[str, object], row: Receipt | None = None) -> Step[Receipt]:
    return receive(policy(), row, arrival(channel, raw), KEY, NOW)


def test_new_then_silent_then_amended_to_the_first_person() -> None:
    first = take("12345", call("某店欠薪", caller_phone="13800000101"))
    (sent,) = first.events
    assert isinstance(sent.event.data, SubmissionReceived)
    assert (sent.topic, sent.key) == ("submissions", sent.event.data.submission.person)
    again = take("12345", call("某店欠薪", caller_phone="13800000101"), first.state)
    assert again.state is first.state
    assert again.events == ()
    changed = take("12345", call("某店欠薪", caller_phone="13800000999", urge_count=1), first.state)
    (amended,) = changed.events
    assert isinstance(amended.event.data, SubmissionAmended)
    assert amended.key == sent.key == amended.event.data.submission.person
    assert amended.event.data.submission.revision == 1


def test_a_replay_writes_the_same_event() -> None:
    one, other = (take("12345", call("某店欠薪")) for _ in range(2))
    assert one.events == other.events


def test_patrol_without_signs_ends_here_until_it_shows_some() -> None:
    quiet = take("patrol", {**PATROL, "arrears_signs": "无"})
    assert quiet.events == ()
    assert quiet.state is not None
    assert not quiet.state.sent
    (sent,) = take("patrol", {**PATROL, "arrears_signs": "有"}, quiet.state).events
    assert isinstance(sent.event.data, SubmissionReceived)


def test_doubtful_signs_of_a_patrol_open_a_case() -> None:
    assert take("patrol", {**PATROL, "arrears_signs": "疑似"}).events
    assert not take("patrol", {k: v for k, v in PATROL.items() if k != "arrears_signs"}).events
