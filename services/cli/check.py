"""`anxin check …`: vectors and policy, without a broker."""

import json as jsonlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape

from schemas.event import Refused
from services.cli.output import as_json, as_table, fail
from services.cli.policies import check_policy, units_of
from services.cli.publish import Channel, Sheet, System, left_out, origin_of, rows_of
from services.cli.routed import judge
from services.intake.adapter import Answer, certifier
from services.intake.core.check import check_bad_input, check_complaints
from services.intake.core.columns import Columns
from services.intake.core.policy import Policy
from services.intake.settings import load_policy
from services.kernel.calendar import Calendar, calendar_of
from services.kernel.deadline_vectors import check_vectors
from services.router.settings import load_policy as load_router
from services.runtime.clock import clock_of
from services.runtime.csv_out import csv_bytes
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
    """Real texts through intake and router: accuracy per field, and every miss."""
    settings = load_settings()
    route = judge(load_router(settings), settings.district)
    try:
        with file.open(encoding="utf-8") as lines:
            result = check_complaints(_intake_policy(), lines, route)
    except KeyError as error:
        raise fail(f"{file}: a line without {error}; see tests/vectors/README.md", 2) from None
    except (ValueError, Refused) as error:
        raise fail(f"{file}: {error}", 2) from None
    _tell(result, json=json)


@app.command()
def adapter(
    channel: Channel,
    file: File,
    sheet: Sheet = "",
    system: System = "file",
    report: Annotated[Path | None, typer.Option(help="a CSV of every row for its sender")] = None,
    json: AsJson = False,
) -> None:
    """Certify a channel's records: what intake would refuse and why (exit 1), and what to look at."""
    door = certifier(origin_of(channel, system))
    answers = list(door.certify_rows(rows_of(door.policy.columns, channel, file, sheet)))
    if report is not None:
        report.write_bytes(report_of(door.policy.columns, channel, answers))
    skipped = [one for one in answers if one.status == "skipped"]
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
    total, failed = len(answers) - len(skipped), len(misses)
    result: dict[str, Any] = {"total": total, "passed": total - failed, "failed": failed}
    result |= {"misses": misses, "remarks": _remarks(answers)}
    result["skipped"] = [{"row": one.row, "reason": one.reason} for one in skipped]
    if not json and result["remarks"]:
        shown = [(escape(one["field"]), one["text"], one["rows"], one["first_row"])
                 for one in result["remarks"]]  # fmt: skip
        as_table("taken, but look at", ("field", "remark", "rows", "first row"), shown)
    _tell(result, json=json, more=left_out(skipped))


def report_of(columns: Columns, channel: str, answers: Iterable[Answer]) -> bytes:
    """结果表: row, number, what became of it, and each reason or remark on a line of its own."""
    said = {"accepted": "可以接收", "refused": "不能接收", "skipped": "不是记录"}

    def lines(one: Answer) -> Iterable[tuple[object, ...]]:
        about = [(one.field, one.reason)] if one.reason else []
        about += [(remark.field, remark.text_zh) for remark in one.remarks]
        for field, text in about or [("", "")]:
            column = columns.of[channel].get(field)
            name = column.name_zh if column else field
            yield one.row, one.external_no, said[one.status], name, text

    header = ("行号", "来源编号", "结果", "栏目", "原因或提示")
    return csv_bytes(header, (line for one in answers for line in lines(one)))


def _remarks(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Each once, with how many rows it concerns."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in answers:
        for remark in one.remarks:
            found.setdefault((remark.field, remark.text_zh), []).append(one.row)
    return [
        {"field": field, "text": text, "rows": len(rows), "first_row": rows[0]}
        for (field, text), rows in found.items()
    ]


@app.command()
def policy(
    policies: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="instead of ANXIN_POLICIES")
    ] = None,
    json: AsJson = False,
) -> None:
    """All policy files as the services load them; the grid map's coverage proof. Exit 1 on any problem."""
    settings = load_settings(**({"policies": policies} if policies else {}))
    today = clock_of(settings.clock).now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    result = check_policy(settings, today)
    if not json:
        rows = [(*one.values(),) for one in result["checked"]]
        as_table("policy", ("id", "check", "found", "version", "ok"), rows)
        if not result["failed"]:
            as_table("grids", ("unit", "name", "grids", "villages", "cut"), units_of(settings))
    _tell(result, json=json)


def _tell(result: dict[str, Any], *, json: bool, more: str = "") -> NoReturn:
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
        typer.echo(
            f"{result['passed']} of {result['total']} passed, {result['failed']} failed{more}"
        )
    raise typer.Exit(1 if result["failed"] else 0)
