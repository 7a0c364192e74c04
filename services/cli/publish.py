"""`anxin publish CHANNEL FILE`: a file of a channel's records to its inbound topic."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.event import Refused
from services.cli.output import as_json, as_table, fail
from services.intake.adapter import Answer, Raw, adapter
from services.intake.core.certify import Origin
from services.intake.core.columns import Columns
from services.intake.core.table import Skipped, json_lines, records
from services.runtime import sheets
from services.runtime.log import quiet_kafka
from services.runtime.publish import NotNow

SHOWN_MAX = 50
EXIT_NOT_NOW = 70
Channel = Annotated[str, typer.Argument(help="national provincial 12345 12333 window patrol")]
File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help=".jsonl .csv .xlsx .xls")
]
Sheet = Annotated[str, typer.Option(help="of a workbook where several sheets hold data")]
System = Annotated[str, typer.Option(help="the sending system, for ce_source")]
Label = Annotated[str, typer.Option(help="a name that makes an earlier content count as new")]
AsJson = Annotated[bool, typer.Option("--json")]


def command(
    channel: Channel,
    file: File,
    sheet: Sheet = "",
    system: System = "file",
    label: Label = "",
    json: AsJson = False,
) -> None:
    """Certify each row, send the good ones; exit 1 if any was refused, 70 if the broker is away."""
    quiet_kafka()
    origin, answers = origin_of(channel, system, label), list[Answer]()
    broken = ""
    try:
        with adapter(origin) as door:
            rows = rows_of(door.policy.columns, channel, file, sheet)
            with _bar(len(rows), shown=not json) as step:
                for answer in door.publish_rows(rows):
                    answers.append(answer)
                    step()
    except NotNow as error:
        broken = f"{error}\n{len(answers)} rows were dealt with; run the same command again"
    _tell(answers, broken, json=json)


def origin_of(channel: str, system: str, label: str = "") -> Origin:
    try:
        return Origin(channel, system, label)
    except ValueError as error:
        raise fail(str(error), 2) from None


def rows_of(
    columns: Columns, channel: str, file: Path, sheet: str
) -> Sequence[tuple[int, Raw | Refused | Skipped]]:
    """Exit 2 where the file as a whole cannot be read."""
    try:
        if file.suffix.lower() == ".jsonl":
            return list(json_lines(sheets.lines(file)))
        return list(records(sheets.cells(file, sheet), columns, channel))
    except sheets.Unreadable as error:
        raise fail(f"{file}: {error}", 2) from None
    except Refused as error:
        raise fail(f"{file}: {error.detail_zh}", 2) from None


def left_out(skipped: Sequence[Answer]) -> str:
    """What was no record is said, so that nobody looks for it."""
    places = "、".join(str(one.row) for one in skipped[:SHOWN_MAX])
    return f"; left out as totals, notes or headings: row {places}" if skipped else ""


@contextmanager
def _bar(total: int, *, shown: bool) -> Iterator[Any]:
    console = Console(stderr=True)
    columns = (TextColumn("sent"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _tell(answers: Sequence[Answer], broken: str, *, json: bool) -> None:
    refused = [one for one in answers if one.status == "refused"]
    skipped = [one for one in answers if one.status == "skipped"]
    total = len(answers) - len(skipped)
    sent = total - len(refused)
    if json:
        counts = {"total": total, "sent": sent, "refused": len(refused), "skipped": len(skipped)}
        as_json(counts | {"rows": [asdict(one) for one in answers]})
    else:
        if refused:
            shown = [(a.row, *map(escape, (a.external_no, a.field, a.reason))) for a in refused]
            title = f"refused{f', the first {SHOWN_MAX}' if len(refused) > SHOWN_MAX else ''}"
            as_table(title, ("row", "external no", "field", "reason"), shown[:SHOWN_MAX])
        typer.echo(f"{sent} of {total} rows sent, {len(refused)} refused{left_out(skipped)}")
    if broken:
        raise fail(broken, EXIT_NOT_NOW)
    raise typer.Exit(1 if refused else 0)
