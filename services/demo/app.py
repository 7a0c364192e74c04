"""The demo on one screen: a fresh home → broker, topics, services → the year and its extras → the report (→ today)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.demo.core.scenario import Moment, ScenarioError, roster_of
from services.demo.replay import WATCH, Log, Replay, ReplayError, Tick, read_scenario, read_today
from services.demo.report import Report, percentile, read_back
from services.runtime.broker import BROKER_PORTS, BrokerError, free_port
from services.runtime.clock import clock_of, elapsed_s, write_stepped
from services.runtime.machine import Machine, Plan, Running
from services.runtime.policy_files import table
from services.runtime.publish import NotNow, Publisher
from services.runtime.runner import APPS, RunnerError
from services.runtime.settings import Settings, load_settings
from services.runtime.stepper import Stepper, StuckError
from services.runtime.tail import TailError

FAILURES = (
    BrokerError, RunnerError, StuckError, TailError, NotNow, ReplayError, ScenarioError
)  # fmt: skip
COMMIT_INTERVAL_S = 0.05  # time moves on when acknowledgements are committed
REPORT = "report.json"


@dataclass(frozen=True)
class Told:
    """How a person follows it."""

    say: Callable[[str], None]
    tick: Callable[[Tick], None]


def run(machine: Machine, told: Told, *, alive: bool = False) -> tuple[Report, Running]:
    """Leaves everything running; whoever called ends it. The report lies in `<home>/report.json`, too.

    `alive`: the last days follow, up to now, and from then on the services have the real clock.
    """
    began = elapsed_s()
    article, extras = read_scenario("acceptance-2025"), read_scenario("extras")
    clock = machine.home.resolve() / "clock"
    write_stepped(clock, article.moments[0].at)
    stepped = _plan(machine, f"stepped:{clock}")
    running = machine.up(stepped, told.say)
    settings = load_settings(
        kafka=running.kafka, home=machine.home, topic_prefix="", clock=f"stepped:{clock}"
    )
    log = _replayed(settings, clock, told, (*article.moments, *extras.moments))
    told.say("counting what lies on the topics")
    blocks = read_back(running.kafka, "", extras.moments[0].at)
    lags, steps = log.deadline_s, log.line_s + log.deadline_s
    report = Report(
        *blocks,
        fire_lag_p99_s=percentile(lags, 0.99),
        duration_s=round(elapsed_s() - began, 1),
        replay_s=round(log.whole_s, 1),
        steps=len(steps),
        step_p50_s=percentile(steps, 0.5),
        step_p99_s=percentile(steps, 0.99),
        deadline_steps=len(lags),
        not_replayed={f"oversight: {kind}": n for kind, n in article.not_replayed.items()},
    )
    _write(machine.home / REPORT, report)
    if alive:
        now = clock_of("real").now()
        _replayed(settings, clock, told, read_today(settings, now).moments, until=now)
        running = machine.again(_plan(machine, "real"), running, told.say)
    return report, running


def _replayed(
    settings: Settings,
    clock: Path,
    told: Told,
    moments: Sequence[Moment],
    until: datetime | None = None,
) -> Log:
    roster = roster_of(table(settings.policies / "roster.csv"))
    stepper = Stepper(settings.kafka, "", APPS, clock, WATCH)
    began = elapsed_s()
    try:
        with Publisher(settings) as publisher:
            replay = Replay(settings, stepper, publisher, roster, told.tick)
            replay.run(moments, until)
    finally:
        stepper.close()
    replay.log.whole_s = elapsed_s() - began
    return replay.log


def _plan(machine: Machine, clock: str) -> Plan:
    return Plan(
        machine.home,
        machine.jars_home,
        port=free_port(BROKER_PORTS),
        stepped=True,
        alone=True,
        env={
            "ANXIN_DEMO": "true",
            "ANXIN_CLOCK": clock,
            "ANXIN_COMMIT_INTERVAL_S": str(COMMIT_INTERVAL_S),
        },
    )


def _write(path: Path, report: Report) -> None:
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
