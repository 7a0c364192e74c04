"""The demo on one screen: a fresh home → broker, topics, services → the year and its extras → the report."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.demo.core.scenario import ScenarioError, roster_of
from services.demo.replay import Replay, ReplayError, Tick, read_scenario
from services.demo.report import Report, percentile, read_back
from services.runtime.broker import BrokerError, free_port
from services.runtime.clock import elapsed_s, write_stepped
from services.runtime.machine import Machine, Plan, Running
from services.runtime.policy_files import table
from services.runtime.publish import NotNow, Publisher
from services.runtime.runner import APPS, RunnerError
from services.runtime.settings import load_settings
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


def run(machine: Machine, told: Told) -> tuple[Report, Running]:
    """Leaves everything running; whoever called ends it. The report lies in `<home>/report.json`, too."""
    began = elapsed_s()
    article, extras = read_scenario("acceptance-2025"), read_scenario("extras")
    clock = machine.home.resolve() / "clock"
    write_stepped(clock, article.moments[0].at)
    running = machine.up(_plan(machine, clock), told.say)
    settings = load_settings(
        kafka=running.kafka, home=machine.home, topic_prefix="", clock=f"stepped:{clock}"
    )
    roster = roster_of(table(settings.policies / "roster.csv"))
    stepper = Stepper(running.kafka, "", APPS, clock, ("cases", "escalations"))
    replay_began = elapsed_s()
    try:
        with Publisher(settings) as publisher:
            replay = Replay(settings, stepper, publisher, roster, told.tick)
            replay.run((*article.moments, *extras.moments))
    finally:
        stepper.close()
    replay_s = elapsed_s() - replay_began
    told.say("counting what lies on the topics")
    blocks = read_back(running.kafka, "", extras.moments[0].at)
    lags, steps = replay.log.deadline_s, replay.log.line_s + replay.log.deadline_s
    report = Report(
        *blocks,
        fire_lag_p99_s=percentile(lags, 0.99),
        duration_s=round(elapsed_s() - began, 1),
        replay_s=round(replay_s, 1),
        steps=len(steps),
        step_p50_s=percentile(steps, 0.5),
        step_p99_s=percentile(steps, 0.99),
        deadline_steps=len(lags),
        not_replayed={f"oversight: {kind}": n for kind, n in article.not_replayed.items()},
    )
    _write(machine.home / REPORT, report)
    return report, running


def _plan(machine: Machine, clock: Path) -> Plan:
    return Plan(
        machine.home,
        machine.jars_home,
        port=free_port(),
        stepped=True,
        alone=True,
        env={
            "ANXIN_DEMO": "true",
            "ANXIN_CLOCK": f"stepped:{clock}",
            "ANXIN_COMMIT_INTERVAL_S": str(COMMIT_INTERVAL_S),
        },
    )


def _write(path: Path, report: Report) -> None:
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
