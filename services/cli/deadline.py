"""`anxin deadline explain`: why a deadline is when it is."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from services.cli.output import as_json, fail
from services.cli.policies import offices_of
from services.kernel.deadline import deadline_of
from services.kernel.deadline import explain as explained
from services.runtime.policy_files import clock_rules, office_calendar
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Deadlines and their reasons")


@app.callback()
def noun() -> None:
    """Deadlines and their reasons."""


@app.command()
def explain(
    clock: Annotated[str, typer.Argument(help="id of policies/clocks.csv, e.g. S09 or S04/urgent")],
    start: Annotated[str, typer.Argument(help="ISO 8601; without zone: the office's own")],
    office: Annotated[str, typer.Option(help="unit code or post with hours of its own")] = "",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The clerk's note: first day, days skipped and why, the last instant."""
    policies = load_settings().policies
    if office and office not in offices_of(policies):
        raise fail(f"没有单位代码或岗位 {office}：见 places/units.csv、ladder.csv", 2)
    rules, calendar = clock_rules(policies), office_calendar(policies, office)
    name, _, variant = clock.partition("/")
    rule = rules.get((name, variant))
    if rule is None:
        known = ", ".join(sorted("/".join(filter(None, key)) for key in rules))
        raise fail(f"no clock {clock!r}; known: {known}", 2)
    try:
        moment = datetime.fromisoformat(start)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(calendar.timezone))
        deadline = deadline_of(rule, moment, calendar)
    except ValueError as error:
        raise fail(str(error), 2) from None
    lines = explained(deadline, calendar)
    if json:
        as_json({"due": deadline.due, "provisional": deadline.provisional, "trace": lines})
    else:
        typer.echo("\n".join(lines))
