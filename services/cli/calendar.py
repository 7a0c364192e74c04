"""`anxin calendar …`: a year's notice comes in, is looked at, and until when deadlines are certain."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from services.cli.calendar_grid import grid, stretches
from services.cli.output import as_json, as_table, fail
from services.kernel.calendar import Calendar, local_day, working_days_between
from services.kernel.calendar_changes import changed_days
from services.kernel.calendar_notice import notice_problems
from services.kernel.calendar_zh import date_zh, stretch_zh
from services.kernel.deadline import deadline_of
from services.kernel.deadline_horizon import last_certain_start
from services.runtime.clock import clock_of
from services.runtime.policy_files import calendar_years, clock_rules, office_calendar
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="The working calendar and its notices")
AsJson = Annotated[bool, typer.Option("--json")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Policies = Annotated[
    Path | None, typer.Option(exists=True, file_okay=False, help="instead of ANXIN_POLICIES")
]
YEAR_MIN, YEAR_MAX = 1950, 2150
_FIELDS = ("year", "status", "notice", "number", "known_from")


@app.callback()
def noun() -> None:
    """The working calendar and its notices."""


@app.command("import")
def take(
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show, write nothing")] = False,
    policies: Policies = None,
    json: AsJson = False,
) -> None:
    """One year's 放假安排, formed as policies/calendars/cn-2026.toml; exit 1 where it is not sound."""
    folder = policies or load_settings().policies
    content, data = _read(file)
    before = office_calendar(folder)
    problems = notice_problems(data) or _out_of_turn(data, before)
    if problems and json:
        as_json({"year": data.get("year"), "problems": problems, "written": None})
    if problems:
        raise fail("\n".join(f"{file}：{one}" for one in problems))
    after = office_calendar(folder, more=[data])
    target = folder / "calendars" / f"cn-{data['year']}.toml"
    if not dry_run:
        _write(target, content)
    said = _imported(data, before, after) | {"written": None if dry_run else target}
    as_json(said) if json else _tell(said)


def _read(file: Path) -> tuple[bytes, dict[str, Any]]:
    content = file.read_bytes()
    try:
        return content, tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise fail(f"{file}：第 {error.start} 字节不是 UTF-8，请另存为 UTF-8", 2) from None
    except tomllib.TOMLDecodeError as error:
        raise fail(f"{file}：不是 TOML：{error}", 2) from None


def _out_of_turn(data: Mapping[str, Any], known: Calendar) -> list[str]:
    """Years come one after another; a published one changes by amendment, so that what was known stays known."""
    year, last = data["year"], known.published_until.year
    if known.published_until == date.min or year == last + 1:
        return []
    if year > last:
        return [f"已公布到 {last} 年，下一份应是 {last + 1} 年，不是 {year} 年"]
    return [f"{year} 年已有公布的日历；调整放假的通知请写进 cn-{year}.toml 的 [[amendments]]"]


def _write(target: Path, content: bytes) -> None:
    """Whole or not at all."""
    fresh = target.with_suffix(".new")
    try:
        fresh.write_bytes(content)
        fresh.replace(target)
    except OSError as error:
        raise fail(f"{target}：写不进去：{error.strerror}") from None


def _imported(data: Mapping[str, Any], before: Calendar, after: Calendar) -> dict[str, Any]:
    first, last = date(data["year"], 1, 1), date(data["year"], 12, 31)
    changed = changed_days(before, after, first, last)
    return {
        **{name: data.get(name) for name in _FIELDS},
        "working_days": _working_days(after, data["year"]),
        "working_days_before": _working_days(before, data["year"]),
        "changed": [
            {"day": one.day, "before": one.before, "after": one.after, "works": one.works}
            for one in changed
        ],
    }


def _tell(said: Mapping[str, Any]) -> None:
    rows = [
        (date_zh(one["day"]), escape(one["before"]), escape(one["after"]))
        for one in said["changed"]
    ]
    as_table("与此前暂定的日历不同的日子", ("日期", "原为", "现为"), rows)
    typer.echo(_source(said))
    worked, was = said["working_days"], said["working_days_before"]
    typer.echo(f"{said['year']} 年 {worked} 个工作日，此前暂定 {was} 个；{len(rows)} 天有变")
    if said["written"]:
        typer.echo(
            f"已写入 {said['written']}；暂定文件保留，说明此前是怎样算的（docs/calendar.md）"
        )
        typer.echo(
            "下一步：改 manifest.toml 的 version，anxin check policy，按 docs/policy.md 发布并升级"
        )
    else:
        typer.echo("未写入（--dry-run）")


@app.command()
def show(
    year: Annotated[int, typer.Argument(min=YEAR_MIN, max=YEAR_MAX)],
    json: AsJson = False,
) -> None:
    """Twelve months with days off 休 and make-up days 班, and the notice they come from."""
    policies = load_settings().policies
    calendar, notice = office_calendar(policies), _notice(policies, year)
    off, makeup = (_of_year(table, year) for table in (calendar.days_off, calendar.makeup))
    worked = _working_days(calendar, year)
    if json:
        days = {"days_off": _iso(off), "makeup": _iso(makeup)}
        as_json({**notice, "working_days": worked, **days})
        return
    Console().print(grid(calendar, year))
    for first, last in stretches(off):
        names = dict.fromkeys(name for day, name in off.items() if first <= day <= last)
        typer.echo(f"{'、'.join(names)}：{stretch_zh(first, last)}")
    if makeup:
        typer.echo(f"调休上班：{'、'.join(map(date_zh, makeup))}")
    typer.echo(f"{year} 年 {worked} 个工作日（休 = 放假，班 = 调休上班）")
    typer.echo(_source(notice))


def _notice(policies: Path, year: int) -> dict[str, Any]:
    """What is in force: the published file, else the provisional one, else nothing but weekends."""
    files = [data for data in calendar_years(policies) if data["year"] == year]
    files.sort(key=lambda data: data["status"] == "published")
    data = files[-1] if files else {"year": year, "status": "none"}
    return {name: data.get(name) for name in _FIELDS}


def _source(notice: Mapping[str, Any]) -> str:
    if notice["status"] == "published":
        return f"依据：{notice['notice']}，{notice['known_from']} 起按此计算"
    if notice["status"] == "provisional":
        return "暂定：国务院通知尚未公布，只有法定节日，没有调休"
    return "没有这一年的放假安排，只除去周末"


@app.command()
def horizon(json: AsJson = False) -> None:
    """Until when deadlines are certain: every statutory clock as if it began now."""
    settings = load_settings()
    calendar, now = office_calendar(settings.policies), clock_of(settings.clock).now()
    today, until = local_day(calendar, now), calendar.published_until
    rules = [one for one in clock_rules(settings.policies).values() if one.hard and one.limit]
    clocks = []
    for rule in rules:
        found = deadline_of(rule, now, calendar)
        clocks.append(
            {
                "clock": "/".join(filter(None, (rule.id, rule.variant))),
                "stage_zh": rule.stage_zh,
                "due_if_started_now": found.due.astimezone(calendar.zone),
                "provisional": found.provisional,
                "certain_if_started_by": last_certain_start(rule, calendar),
            }
        )
    ahead = working_days_between(calendar, today, until)
    if json:
        as_json({"published_until": until, "working_days_ahead": ahead, "clocks": clocks})
        return
    columns = ("期限", "事项", "现在起算届满", "性质", "最晚确定起算日")
    as_table("法定期限", columns, map(_row, clocks))
    typer.echo(_horizon_zh(until, ahead))


def _row(clock: Mapping[str, Any]) -> tuple[str, ...]:
    last = clock["certain_if_started_by"]
    return (
        clock["clock"],
        clock["stage_zh"],
        f"{clock['due_if_started_now']:%Y-%m-%d %H:%M}",
        "暂定" if clock["provisional"] else "确定",
        str(last or "—"),
    )


def _horizon_zh(until: date, ahead: int) -> str:
    if until == date.min:
        return "没有已公布的放假安排：所有按工作日计算的期限都是暂定的"
    left = f"还有 {ahead} 个工作日" if ahead else "已过：新起算的期限都是暂定的"
    return (
        f"放假安排公布到 {until}，{left}。次年通知公布后用 anxin calendar import 导入；"
        f"次年通知可能改动今年最后几天（2018 年有此例）"
    )


def _working_days(calendar: Calendar, year: int) -> int:
    return working_days_between(calendar, date(year - 1, 12, 31), date(year, 12, 31))


def _of_year(table: Mapping[int, str], year: int) -> dict[date, str]:
    days = {date.fromordinal(ordinal): name for ordinal, name in sorted(table.items())}
    return {day: name for day, name in days.items() if day.year == year}


def _iso(days: Mapping[date, str]) -> dict[str, str]:
    return {day.isoformat(): name for day, name in days.items()}
