"""`anxin up|down`: everything on this machine."""

import time
from pathlib import Path
from typing import Annotated

import typer

from services.cli.output import as_json, fail
from services.runtime.broker import BrokerError
from services.runtime.machine import Machine, Plan, Running
from services.runtime.runner import RunnerError
from services.runtime.settings import load_settings
from services.runtime.signals import interruptible

LOOK_EVERY_S = 0.5
Json = Annotated[bool, typer.Option("--json")]
Home = Annotated[Path | None, typer.Option(help="data folder; else ANXIN_HOME, else .anxin")]


def up(
    workers: Annotated[int, typer.Option(help="processes of each service")] = 1,
    detach: Annotated[bool, typer.Option("--detach", help="return once all is ready")] = False,
    port: Annotated[int, typer.Option(help="of Kafka, where ANXIN_KAFKA names none")] = 9092,
    json: Json = False,
) -> None:
    """Kafka (unless ANXIN_KAFKA names one), topics, services; Ctrl-C stops what this started."""
    settings = load_settings()
    plan = Plan(
        settings.home,
        settings.home,
        workers,
        settings.kafka if "kafka" in settings.model_fields_set else "",
        port,
        settings.topic_prefix,
        settings.stepped,
    )
    machine = Machine(settings.home, settings.home)
    try:
        with interruptible():
            running = machine.up(plan, lambda line: typer.echo(line, err=True))
            _where(running, json=json)
            if detach:
                return
            try:
                _wait(machine)
            finally:
                machine.down()
    except KeyboardInterrupt:
        raise fail("stopped", 130) from None
    except (BrokerError, RunnerError) as error:
        raise fail(str(error)) from None


def _wait(machine: Machine) -> None:
    while machine.runner.pid() is not None:
        time.sleep(LOOK_EVERY_S)
    raise RunnerError(f"supervisor ended; see {machine.runner.log}")


def _where(running: Running, *, json: bool) -> None:
    probes = {slot.name: f"http://127.0.0.1:{slot.port}" for slot in running.slots}
    if json:
        as_json({"kafka": running.kafka, "probes": probes, "log": str(running.log)})
        return
    typer.echo(f"ready after {running.ready_s:.1f} s; Kafka answers on {running.kafka}")
    for name, url in probes.items():
        typer.echo(f"  {name:<14} {url}/readyz {url}/metrics {running.log}/{name}.log")


def down(home: Home = None, json: Json = False) -> None:
    """Stop what `anxin up` (or `anxin demo --keep`) started, and nothing else."""
    settings = load_settings()
    try:
        stopped = Machine(home or settings.home, settings.home).down()
    except (BrokerError, RunnerError) as error:
        raise fail(str(error)) from None
    if json:
        as_json({"stopped": stopped})
    else:
        typer.echo("stopped: " + ", ".join(stopped) if stopped else "nothing of ours was running")
