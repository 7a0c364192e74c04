"""`anxin demo`: the article's year and its extras on this machine, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli.output import as_json, as_table, fail
from services.demo.app import FAILURES, REPORT, Told, run
from services.demo.replay import Tick
from services.demo.report import Report
from services.kernel.ids import case_id, submission_id
from services.runtime.machine import Machine, Running, demo_home
from services.runtime.settings import load_settings
from services.runtime.signals import interruptible

_SHANGHAI = ZoneInfo("Asia/Shanghai")
LAPSED = ("12345", "EZ20251013900002")
"""The extras' case with a breach of law: channel and number of its record."""
DESK = """\
                          as 网格员 (the busiest): what is to be done now; sign or contact, and see it on the case
                          as 值班员 or 大队长: the board of 129 grids, its filters, what is quarantined
                          as 平台管理员: why it is, what it was; mend it and send it again"""
_TABLES = ("escalated_by_rung", "breached_by_clock", "quarantined_by_reason", "refused_by_reason")


def command(
    keep: Annotated[
        bool, typer.Option("--keep", help="add the last days up to now, leave everything running")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="the report alone, as JSON")] = False,
    home: Annotated[Path | None, typer.Option(help="its own folder; else .anxin/demo")] = None,
) -> None:
    """Replay a year of complaints over a real Kafka in about a minute. Ctrl-C stops what it started."""
    settings = load_settings()
    try:
        with interruptible(), demo_home(home or settings.home / "demo", settings.home) as machine:
            report, running = _run(machine, keep=keep)
    except KeyboardInterrupt:
        raise fail("stopped, and everything it had started with it", 130) from None
    except FAILURES as error:
        raise fail(str(error)) from None
    if json:
        as_json(report.as_dict())
        return
    _tables(report)
    _next(machine, running, keep=keep)


def _run(machine: Machine, *, keep: bool) -> tuple[Report, Running]:
    done = False
    try:
        with _shown() as told:
            report, running = run(machine, told, alive=keep)
        done = True
        return report, running
    finally:
        if not (keep and done):
            machine.down()


@contextmanager
def _shown() -> Iterator[Told]:
    """A progress bar with the virtual date, on standard error."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("setting up", total=None)
        fired = 0

        def tick(one: Tick) -> None:
            nonlocal fired
            fired += one.deadline
            at = one.at.astimezone(_SHANGHAI).strftime("%Y-%m-%d %H:%M")
            text = f"{at}  {fired} deadlines"
            bar.update(task, completed=one.done, total=one.total, description=text)

        yield Told(lambda line: bar.update(task, description=line), tick)


def _tables(report: Report) -> None:
    article, extras = report.article, report.extras
    plain = [
        (name.replace("_", " "), _cell(value), _cell(getattr(extras, name)))
        for name, value in vars(article).items()
        if not isinstance(value, dict)
    ]
    as_table("What came of it", ("", "the article's year", "extras"), plain)
    seen = [
        (name.replace("_", " "), kind, times)
        for name in _TABLES
        for kind, times in sorted(getattr(extras, name).items())
    ]
    as_table("What the extras were added to show", ("", "", "times"), seen)
    units = sorted({*article.by_unit, *extras.by_unit})
    rows = [(u, article.by_unit.get(u, 0), extras.by_unit.get(u, 0)) for u in units]
    as_table("Cases by unit (by grid: in the report)", ("", "the article's year", "extras"), rows)
    skipped = list(report.not_replayed.items())
    as_table("Not replayed, their service is yet to come", ("", "lines"), skipped)
    typer.echo(
        f"{report.steps} steps, {report.deadline_steps} of them deadlines, half within "
        f"{report.step_p50_s:.3f} s, 99 % within {report.step_p99_s:.3f} s; from a deadline's instant to all it "
        f"set off: 99 % within {report.fire_lag_p99_s:.3f} s; {report.duration_s:.0f} s in all"
    )


def _cell(value: float) -> str:
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def _next(machine: Machine, running: Running, *, keep: bool) -> None:
    typer.echo(f"\nWhere to look next\n  the report            {machine.home / REPORT}")
    typer.echo(f"  the services' logs    {running.log}")
    typer.echo("  why S09 was missed    .venv/bin/anxin deadline explain S09 2025-10-13T09:00")
    if not keep:
        typer.echo("  a living board        make demo KEEP=1")
        return
    for slot in running.slots:
        if slot.http:
            typer.echo(f"  the desk              http://127.0.0.1:{slot.http}/")
            typer.echo(DESK)
        typer.echo(f"  {slot.name:<21} curl -s http://127.0.0.1:{slot.port}/metrics")
    anxin = f"ANXIN_KAFKA={running.kafka} .venv/bin/anxin"
    typer.echo(f"  what was quarantined  {anxin} quarantine list")
    typer.echo(f"  the lapsed acceptance {anxin} case show {case_id(submission_id(*LAPSED))}")
    typer.echo(f"  stop it               .venv/bin/anxin down --home {machine.home}")
