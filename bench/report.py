"""Figures to a table: goals and ratios said plainly, on the screen and between the marks of bench/README.md."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.door import OURS as DOOR
from bench.door import PEER
from bench.machine import LIBRARIES
from bench.texts import OURS as READ
from bench.throughput import ESCALATION, NAIVE, RAW, ROUTER
from bench.working_days import OURS

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- generated: python -m bench -->", "<!-- end of the generated part -->"
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """`limit` in the unit of what is measured; `least` = more is better."""

    name: str
    limit: float
    least: bool
    read: Callable[[Figures], float | None]

    def line(self, figures: Figures) -> str:
        try:
            got = self.read(figures)
        except KeyError:
            got = None
        sign = "≥" if self.least else "<"
        if got is None:
            return f"| {self.name} | {sign} {_number(self.limit)} | not measured | – |"
        met = got >= self.limit if self.least else got < self.limit
        word = "met" if met else "**missed**"
        return f"| {self.name} | {sign} {_number(self.limit)} | {_number(got)} | {word} |"


def _per(name: str, other: str, what: str) -> Callable[[Figures], float]:
    def read(figures: Figures) -> float:
        found = figures["throughput"]["contenders"]
        return float(found[name][what] / found[other][what])

    return read


def _overhead(figures: Figures) -> float:
    """What each engine adds to the decision, CPU a record: the idiom's over ours."""
    found, alone = figures["throughput"]["contenders"], figures["throughput"]["decision_alone_us"]
    idiom, ours = (found[one.name]["cpu_us_per_record"] - alone for one in (NAIVE, ROUTER))
    return float(idiom / ours)


def _working_days(figures: Figures) -> float:
    return float(figures["calendar"]["contenders"][OURS]["per_cpu_s"])


def _texts_read(figures: Figures) -> float:
    return float(figures["texts"]["contenders"][READ]["per_cpu_s"])


def _slowest_page(figures: Figures) -> float:
    """p50 of the slowest page."""
    found = figures["pages"]
    return max(float(one[found["open"]][0]) for one in found["pages"].values())


CPU, PACE = "records_per_cpu_s", "records_per_s"
RATE = "200"  # complaints/s of the goal
GOALS = (
    Goal(
        "router ÷ documented idiom, records per CPU-s", 8, True, _per(ROUTER.name, NAIVE.name, CPU)
    ),
    Goal("router ÷ pass-through, records/s", 0.9, True, _per(ROUTER.name, RAW.name, PACE)),
    Goal("end to end at 200/s, p50 ms", 100, False, lambda f: f["latency"][RATE]["p50_ms"]),
    Goal("end to end at 200/s, p99 ms", 250, False, lambda f: f["latency"][RATE]["p99_ms"]),
    Goal("fires/s, all due at one instant", 5000, True, lambda f: f["backlog"]["fires_per_s"]),
    Goal("restore, rows/s", 300_000, True, lambda f: f["backlog"]["restore_rows_per_s"]),
    Goal("command lag p99, no backlog, s", 1, False, lambda f: f["spread"]["command_lag_s"][1]),
    Goal("working days, answers per CPU-s", 400_000, True, _working_days),
    Goal("texts read, per CPU-s", 5000, True, _texts_read),
    Goal("slowest page over 50 000 open cases, p50 ms", 50, False, _slowest_page),
)


def markdown(figures: Figures) -> str:
    """The generated part, marks excluded."""
    parts = [_machine(figures["machine"]), _goals(figures)]
    for name, tell in (
        ("throughput", _throughput),
        ("latency", _latency),
        ("backlog", _backlog),
        ("spread", _spread),
        ("door", _door),
        ("calendar", _calendar),
        ("texts", _texts),
        ("pages", _pages),
    ):
        if name in figures:
            parts.append(tell(figures[name]))
    return "\n\n".join(parts)


def write(text: str) -> None:
    """Raises ValueError where the marks are not there."""
    whole = README.read_text(encoding="utf-8")
    head, begin, rest = whole.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{README.name} has no {BEGIN} … {END}")
    README.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def _machine(facts: Figures) -> str:
    libraries = ", ".join(f"{name} {facts[name]}" for name in LIBRARIES)
    return (
        f"Measured {facts['date']} at commit `{facts['commit']}` on {facts['cores']} cores ({facts['cpu']}), "
        f"Linux {facts['kernel']}, load average {facts['load_average_1_min']} before the start; broker, worker and "
        f"bench share them. Python {facts['python']}, Apache Kafka {facts['kafka']}, {libraries}."
    )


def _goals(figures: Figures) -> str:
    lines = ["| goal | limit | measured | |", "|---|---|---|---|"]
    return "\n".join(["### Goals", "", *lines, *(goal.line(figures) for goal in GOALS)])


def _throughput(figures: Figures) -> str:
    found, alone = figures["contenders"], figures["decision_alone_us"]
    base = found[NAIVE.name]
    lines = [
        f"### Throughput (medians of {len(base['runs'])} rounds, alternating order)",
        "",
        "| one worker | records | records/s | ÷ idiom | CPU µs a record | records per CPU-s | ÷ idiom | MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        fast, lean = (one[what] / base[what] for what in (PACE, CPU))
        same = name != ESCALATION.name
        lines.append(
            f"| {name} | {one['records']:,} | {one['records_per_s']:,} | {_ratio(fast, same)} "
            f"| {one['cpu_us_per_record']:,} | {one['records_per_cpu_s']:,} | {_ratio(lean, same)} "
            f"| {one['memory_mb_max']} |"
        )
    over = _overhead({"throughput": figures})
    return "\n".join(lines) + (
        f"\n\nOf these, {alone} µs are the decision itself (decode, route, encode, measured in process): "
        f"what the idiom adds to it is {over:.1f} × what ours adds (row, outbox and their proof included)."
    )


def _ratio(value: float, same: bool) -> str:
    """Only where both did the same job."""
    return f"{value:.2f} ×" if same else "–"


def _door(figures: Figures) -> str:
    base = figures[PEER.name]
    lines = [
        f"### The door over HTTP (medians of {len(base['runs'])} rounds, alternating order)",
        "",
        "| 32 connections if none is named | requests/s | ÷ peer | records/s | p50, p99 ms | CPU µs | client's |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in figures.items():
        ratio = _ratio(
            one["requests_per_s"] / base["requests_per_s"], name in (DOOR.name, PEER.name)
        )
        lines.append(
            f"| {name} | {_number(one['requests_per_s'])} | {ratio} | {_number(one['records_per_s'])} "
            f"| {one['p50_ms']}, {one['p99_ms']} | {_number(one['cpu_us_per_request'])} "
            f"| {_number(one['client_cpu_us_per_request'])} |"
        )
    return (
        "\n".join(lines)
        + "\n\nEvery record answered 202 was counted on the topic; nothing else was answered."
    )


def _latency(found: Figures) -> str:
    """`found`: by complaints/s."""
    runs = list(found.values())
    names = [f"{one['per_s']}/s" for one in runs]
    first = "producer's send → consumer's receipt of `AssignmentMade`"
    lines = [
        f"### Latency, {runs[0]['seconds']} s each: p50, p99 ms",
        "",
        f"| from → to | {' | '.join(names)} |",
        "|---|" + "---|" * len(runs),
        f"| **{first}** | " + " | ".join(_pair([one["p50_ms"], one["p99_ms"]]) for one in runs) + " |",
    ]  # fmt: skip
    lines += [
        f"| {step} | " + " | ".join(_pair(one["stages_ms"][step]) for one in runs) + " |"
        for step in runs[0]["stages_ms"]
    ]
    lines.append(
        "| received of sent | " + " | ".join(f"{o['received']} of {o['sent']}" for o in runs) + " |"
    )
    lines += [
        f"| CPU s: {name} | "
        + " | ".join(f"{one['cpu_s'][name]} of {one['elapsed_s']}" for one in runs)
        + " |"
        for name in runs[0]["cpu_s"]
    ]
    return "\n".join(lines)


def _backlog(found: Figures) -> str:
    size = found["bytes_per_row"]
    late = "" if found["ready_before_due"] else ", after the instant: lags count from readiness"
    rows = {
        "case rows": f"{found['rows']:,}",
        "bytes a changelog record: value": f"{size['value']:,}",
        "bytes a changelog record: headers, of these the outbox": f"{size['headers']:,}, {size['of_which_outbox']:,}",
        "restore alone, rows/s": f"{found['restore_rows_per_s']:,}",
        "start → /readyz 200, s" + late: f"{found['ready_s']} ({found['ready_s_per_100k']} per 100 000)",
        "fires/s until drained": f"{found['fires_per_s']:,} ({found['fires']:,} in {found['drain_s']} s)",
        "lag to the command p50, p99, s": _pair(found["command_lag_s"]),
        "lag to the fact p50, p99, s": _pair(found["fact_lag_s"]),
        "new cases meanwhile: answered of given": f"{found['new_answered']:,} of {found['new_cases']:,}",
        "new cases meanwhile p50, p99, ms": _pair(found["new_ms"]),
        "worker CPU s, peak MB": f"{found['cpu_s']}, {found['memory_mb_max']:,}",
        "overdue and unfired at the end": str(found["overdue_unfired"]),
    }  # fmt: skip
    return _listed("### Timers: all due at one instant, new cases meanwhile", rows)


def _spread(found: Figures) -> str:
    rows = {
        "deadlines, fires": f"{found['rows']:,}, {found['fires']:,}",
        "armed beside them, for a month later": f"{found['armed']:,}",
        "start → /readyz 200, s": f"{found['ready_s']} ({found['ready_s_per_100k']} per 100 000)",
        "worker's peak MB": f"{found['memory_mb_max']:,}",
        "lag to the command p50, p99, s": _pair(found["command_lag_s"]),
        "lag to the fact p50, p99, s": _pair(found["fact_lag_s"]),
    }
    return _listed("### Timers without backlog", rows)


def _calendar(found: Figures) -> str:
    lines = [
        f"### Working calendar: the n-th working day after a day, {found['asks']:,} random questions",
        "",
        "| one core | answers per CPU-s | ÷ loop | other answers, of 1,000 |",
        "|---|---|---|---|",
    ]
    for name, one in found["contenders"].items():
        lines.append(
            f"| {name} | {one['per_cpu_s']:,} | {one['ratio']:.3g} × | {one['differing']} |"
        )
    return "\n".join(lines)


def _texts(found: Figures) -> str:
    size = f"{found['records']} records of six channels, {found['texts']} texts"
    lines = [
        f"### Reading: {size} of {found['characters']} characters on average",
        "",
        "| one core | texts per CPU-s | ÷ ours |",
        "|---|---|---|",
    ]
    for name, one in found["contenders"].items():
        lines.append(f"| {name} | {one['per_cpu_s']:,} | {one['ratio']:.3g} × |")
    return "\n".join(lines)


def _pages(found: Figures) -> str:
    many, few = found["open"], found["few"]
    lines = [
        "### The desk's pages: ms of a whole answer, p50 and the slowest of 60",
        "",
        f"| page | {many:,} open cases | {few:,} | p50 ÷ |",
        "|---|---|---|---|",
    ]
    for name, one in found["pages"].items():
        ratio = one[many][0] / one[few][0]
        lines.append(f"| {name} | {_pair(one[many])} | {_pair(one[few])} | {ratio:.3g} × |")
    return "\n".join(lines)


def _listed(title: str, rows: Mapping[str, str]) -> str:
    lines = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join([title, "", "| | |", "|---|---|", *lines])


def _pair(values: list[float]) -> str:
    return ", ".join(map(_number, values))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
