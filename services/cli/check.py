"""`anxin check …`: vectors and policy, without a broker."""

import json as jsonlib
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.output import as_json, as_table, fail
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
    result = check_vectors(vectors, cn)
    if json:
        as_json(result)
    else:
        rows = [(m["id"], m["field"], m["expected"], m["got"]) for m in result["misses"]]
        if rows:
            as_table("misses", ("id", "field", "expected", "got"), rows)
        typer.echo(f"{result['passed']} of {result['total']} passed, {result['failed']} failed")
    raise typer.Exit(1 if result["failed"] else 0)
