"""`anxin check …`: vectors and policy, without a broker."""

import json as jsonlib
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.markup import escape

from services.cli.output import as_json, as_table, fail
from services.cli.publish import Channel, Sheet, System, origin_of, rows_of
from services.intake.adapter import certifier
from services.intake.core.check import check_bad_input, check_complaints
from services.intake.core.policy import Policy
from services.intake.settings import load_policy
from services.kernel.calendar import Calendar, calendar_of
from services.kernel.deadline_vectors import check_vectors
from services.runtime.policy_files import calendar_years
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Run vectors and validate policy")
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
AsJson = Annotated[bool, typer.Option("--json")]


@app.callback()
def noun() -> None:
    """Run vectors and validate policy."""


@app.command()
def deadlines(file: File, json: AsJson = False) -> None:
    """Deadline vectors: exit 1 on any miss."""
    years = calendar_years(load_settings().policies)

    def cn(*, timezone: str, windows: Any) -> Calendar:
        return calendar_of(years, timezone=timezone, windows=windows)

    try:
        vectors = jsonlib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise fail(f"{file}: not JSON: {error}") from None
    _tell(check_vectors(vectors, cn), json=json)


def _intake_policy() -> Policy:
    settings = load_settings()
    return load_policy(settings, b"no person is known to a check")


@app.command(name="bad-input")
def bad_input(file: File, json: AsJson = False) -> None:
    """Raw payloads through intake's decoding: each ends as expected, none crashes."""
    with file.open(encoding="utf-8") as lines:
        _tell(check_bad_input(_intake_policy(), lines), json=json)


@app.command()
def complaints(file: File, json: AsJson = False) -> None:
    """Real texts through intake: accuracy per field, and every miss."""
    with file.open(encoding="utf-8") as lines:
        _tell(check_complaints(_intake_policy(), lines), json=json)


@app.command()
def adapter(
    channel: Channel, file: File, sheet: Sheet = "", system: System = "file", json: AsJson = False
) -> None:
    """Certify a channel's records: what intake would refuse, and why. Exit 1 on any."""
    door = certifier(origin_of(channel, system))
    answers = list(door.certify_rows(rows_of(door.policy.columns, channel, file, sheet)))
    misses = [
        {
            "id": f"row {one.row} {one.external_no}".strip(),
            "field": one.field,
            "expected": "accept",
            "got": one.reason,
        }
        for one in answers
        if one.status == "refused"
    ]
    total, failed = len(answers), len(misses)
    result = {"total": total, "passed": total - failed, "failed": failed, "misses": misses}
    _tell(result, json=json)


def _tell(result: dict[str, Any], *, json: bool) -> NoReturn:
    if json:
        as_json(result)
    else:
        rows = [
            [escape(str(m[key])) for key in ("id", "field", "expected", "got")]
            for m in result["misses"]
        ]
        if rows:
            as_table("misses", ("id", "field", "expected", "got"), rows)
        if "fields" in result:
            found = [(name, *values.values()) for name, values in result["fields"].items()]
            as_table("fields", ("field", "precision", "recall", "n"), found)
        typer.echo(f"{result['passed']} of {result['total']} passed, {result['failed']} failed")
    raise typer.Exit(1 if result["failed"] else 0)
