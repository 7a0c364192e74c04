"""Throughput: contenders in alternating order on prefilled topics; medians over rounds."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import median
from time import process_time

from bench.complaints import Maker, Pattern
from bench.log import Offsets, fill, span_s
from bench.machine import Lab, Worker, await_true
from schemas.codec import decode, encode
from schemas.event import Record
from services.router.core.route import route
from services.runtime.clock import RealClock, elapsed_s
from services.runtime.message import Message

RUN_S_MAX = 150.0
PATTERNS = 500
SETTLE_S = 1.0


@dataclass(frozen=True)
class Contender:
    """`routed`: prefilled routings beside the cases; `end`: the topic whose stamps say how long it took."""

    name: str
    module: str
    share: float
    routed: bool = False
    end: str = "routings"


ROUTER = Contender("Anxin router", "services.router", 1.0)
NAIVE = Contender("Faust, documented idiom, same decision", "bench.peers.naive", 0.25)
RAW = Contender("raw aiokafka pass-through, no decision", "bench.peers.passthrough", 1.0)
ESCALATION = Contender(
    "Anxin escalation (case + routing)",
    "services.escalation",
    0.25,
    routed=True,
    end="escalation-advance-changelog",
)
CONTENDERS = (ROUTER, NAIVE, RAW, ESCALATION)


@dataclass(frozen=True)
class Run:
    records: int
    outputs: int
    seconds: float
    cpu_s: float
    memory_mb: float

    @property
    def per_s(self) -> float:
        return self.records / self.seconds

    @property
    def per_cpu_s(self) -> float:
        return self.records / self.cpu_s


def measure(
    lab: Lab, maker: Maker, records: int, rounds: int, tell: Callable[[str], None]
) -> dict[str, object]:
    """By contender: medians, and every run as it was; beside them the router's decision without any engine."""
    runs: dict[str, list[Run]] = {one.name: [] for one in CONTENDERS}
    for number in range(rounds):
        order = CONTENDERS if number % 2 == 0 else CONTENDERS[::-1]
        for one in order:
            run = _run(lab, maker, one, max(int(records * one.share), 1))
            runs[one.name].append(run)
            tell(f"{one.name}: {run.per_s:,.0f}/s, {run.per_cpu_s:,.0f} per CPU-s")
    return {
        "decision_alone_us": round(median(_alone_us(maker) for _ in range(rounds))),
        "contenders": {name: _summary(found) for name, found in runs.items()},
    }


def _alone_us(maker: Maker) -> float:
    """CPU of decode, route, encode for one case, in this process: what no engine can save."""
    now = RealClock().now()
    messages = [one.messages[0] for one in maker.patterns(PATTERNS, now)]
    records = [Record(m.topic, 0, 0, now, m.key, m.value, m.headers) for m in messages]
    maker.router.map_at(now)
    start = process_time()
    for record in records:
        for out in route(maker.router, None, decode(record), now).events:
            encode(out.event)
    return 1e6 * (process_time() - start) / len(records)


def _summary(runs: list[Run]) -> dict[str, object]:
    return {
        "records": runs[0].records,
        "outputs": runs[0].outputs,
        "records_per_s": round(median(run.per_s for run in runs)),
        "records_per_cpu_s": round(median(run.per_cpu_s for run in runs)),
        "cpu_us_per_record": round(1e6 / median(run.per_cpu_s for run in runs)),
        "memory_mb_max": round(max(run.memory_mb for run in runs)),
        "runs": [asdict(run) for run in runs],
    }


def _run(lab: Lab, maker: Maker, one: Contender, records: int) -> Run:
    """Fresh topics, filled before the worker starts. Time and CPU run from the first output to the last."""
    with lab.fresh() as prefix:
        patterns = maker.patterns(min(PATTERNS, records), RealClock().now(), routed=one.routed)
        given = fill(lab.kafka, prefix, _copies(patterns, records))
        offsets = Offsets(lab.kafka)
        with Worker(one.module, lab, prefix) as worker:
            done = _done(offsets, prefix, one, given)
            await_true(done, f"{one.name}: {given} records", RUN_S_MAX, worker)
            _rest(worker)
            outputs = offsets.written(prefix + ("escalations" if one.routed else "routings"))
        offsets.close()
        start, end = span_s(lab.kafka, prefix + one.end)
        return Run(
            given, outputs, end - start, worker.cpu_s(start, end), worker.memory_bytes_max / 1e6
        )


def _copies(patterns: list[Pattern], records: int) -> Iterator[Message]:
    """All cases before all routings where both are given: a backlog as a restart finds it."""
    topics = len(patterns[0].messages)
    for place in range(topics):
        for number in range(records):
            yield patterns[number % len(patterns)].copy(number)[place]


def _done(offsets: Offsets, prefix: str, one: Contender, given: int) -> Callable[[], bool]:
    if not one.routed:
        return lambda: offsets.written(prefix + "routings") >= given
    group = prefix + "escalation"
    return lambda: (
        sum(offsets.committed(group, prefix + topic) for topic in ("cases", "routings")) >= given
    )


def _rest(worker: Worker) -> None:
    """Until the sampler has seen the end."""
    end = elapsed_s() + SETTLE_S
    await_true(lambda: elapsed_s() > end, "rest", SETTLE_S * 2, worker)
