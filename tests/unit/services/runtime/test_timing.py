"""The turn of the timers: bounded, shared, and nothing is said while it still waits on the log."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

from services.runtime.clock import ManualClock
from services.runtime.message import Message
from services.runtime.metrics import EngineMetrics
from services.runtime.rows import Row, Rows, decode_row, encode_row
from services.runtime.timers import Timers
from services.runtime.timing import COMMANDS_WAITING_MAX, Timing

NOW = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
PER_TURN = 10


class State(BaseModel):
    n: int = 0


class Chains:
    """`dues`: of each partition, milliseconds by key."""

    settlers = ()

    def __init__(self, *dues: dict[str, int]) -> None:
        self.said: list[str] = []
        stage = SimpleNamespace(
            command=lambda rows, key, at: Message("deadlines", key.encode(), b"")
        )
        self.all = [
            SimpleNamespace(settler=stage, rows=Rows(due=due), timers=Timers()) for due in dues
        ]
        for chain in self.all:
            chain.timers.rebuild(chain.rows.due)

    def chains(self) -> list[SimpleNamespace]:
        return self.all

    async def confirm(self, messages: list[Message], _: datetime) -> None:
        self.said += [one.key.decode() for one in messages]

    def turn(self, per_turn: int = PER_TURN) -> list[str]:
        """What one turn says."""
        self.said.clear()
        settings = SimpleNamespace(fires_per_turn_max=per_turn)
        metrics = EngineMetrics(CollectorRegistry(), "test")
        asyncio.run(Timing(self, ManualClock(NOW), self.confirm, metrics, settings).turn())
        return self.said

    def settle(self) -> None:
        """The commands come back: their rows have no instant any more."""
        for chain in self.all:
            for key in chain.timers.sent:
                chain.rows.due.pop(key)


def many(name: str, count: int) -> dict[str, int]:
    return {f"{name}{number:05d}": number for number in range(count)}


def test_a_crowded_partition_leaves_the_others_their_share():
    chains = Chains(many("a", 50), many("b", 2), many("c", 50))
    assert chains.turn() == ["a00000", "a00001", "a00002", "b00000", "b00001",
                             "c00000", "c00001", "c00002", "a00003", "c00003"]  # fmt: skip
    assert len(chains.turn()) == PER_TURN


def test_one_partition_alone_gets_the_whole_turn():
    assert len(Chains(many("a", 50), {}, {}).turn()) == PER_TURN


def test_a_backlog_waits_in_the_heap_and_is_said_once():
    chains = Chains(many("a", COMMANDS_WAITING_MAX), many("b", COMMANDS_WAITING_MAX))
    said: list[str] = []
    while any(chain.rows.due for chain in chains.all):
        said += chains.turn(10 * COMMANDS_WAITING_MAX)
        assert len(chains.said) <= COMMANDS_WAITING_MAX
        said += chains.turn(10 * COMMANDS_WAITING_MAX)
        assert sum(len(chain.timers.sent) for chain in chains.all) <= COMMANDS_WAITING_MAX
        chains.settle()
    assert len(set(said)) == len(said) == 2 * COMMANDS_WAITING_MAX


def test_a_partition_that_answers_nothing_holds_no_more_than_half_of_what_may_wait():
    """Its batch stands (a flood, a slow disk): what the others have armed is said all the same."""
    stuck, busy = many("a", 2 * COMMANDS_WAITING_MAX), many("b", 10)
    chains = Chains(stuck, {})
    for _ in range(3):
        chains.turn(COMMANDS_WAITING_MAX)
    chains.all[1].rows.due.update(busy)
    chains.all[1].timers.rebuild(busy)
    assert chains.turn(COMMANDS_WAITING_MAX) == sorted(busy)
    assert len(chains.all[0].timers.sent) == COMMANDS_WAITING_MAX // 2


@pytest.mark.parametrize(
    "row", [Row(State(n=7), b"8 bytes."), Row(None, b""), Row(State(), b"x" * 64)]
)
def test_a_row_comes_back_as_it_was(row: Row[State]):
    assert decode_row(encode_row(row), State) == row


@pytest.mark.parametrize(
    "raw", [b'{"v":2,"seen":"","state":null}', b'{"v":1,"seen":""}', b"", b"{}"]
)
def test_a_row_that_cannot_be_read_is_an_error(raw: bytes):
    with pytest.raises(ValueError, match="row"):
        decode_row(raw, State)
