"""`anxin policy preview NEW`: the running clocks of the open cases as another policy would count them; new routings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Column

from services.cli import policy_routes
from services.cli.output import as_json, as_table, fail
from services.cli.policies import BROKEN
from services.cli.policy_routes import Replay
from services.cli.route import words_of
from services.escalation.core.policy import Policy
from services.escalation.core.preview import Judged, judged, summed
from services.escalation.core.state import Case
from services.escalation.settings import policy_in
from services.runtime.case_reader import rows_of_cases
from services.runtime.clock import clock_of
from services.runtime.log import quiet_kafka
from services.runtime.publish import NotNow
from services.runtime.rows import decode_row
from services.runtime.settings import Settings, load_settings

EXIT_TROUBLE = 2
EXIT_NOT_NOW = 70
SHOWN_MAX = 50
COUNTS_ZH = {
    "running": "在走",
    "earlier": "提前",
    "later": "推后",
    "gone": "无此期限",
    "overdue": "新增逾期",
    "relieved": "不再逾期",
}
MOVES_ZH = {"earlier": "提前", "later": "推后", "gone": "无此期限"}
New = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="the new policies folder")]
Rows = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="state rows, one a line, instead of the broker's"
    ),
]
At = Annotated[str, typer.Option(help="ISO 8601: judge overdue at this instant, not now")]
Limit = Annotated[int, typer.Option(min=0, help="list at most so many clocks (--json lists all)")]
Days = Annotated[
    int, typer.Option(min=0, help="replay the first routing of cases opened since; 0 = none")
]
AsJson = Annotated[bool, typer.Option("--json")]
DAYS = 30


def command(
    new: New,
    rows: Rows = None,
    at: At = "",
    days: Days = DAYS,
    limit: Limit = SHOWN_MAX,
    json: AsJson = False,
) -> None:
    """Nothing is moved: which clocks would end earlier or later or be overdue, which cases another grid would get."""
    quiet_kafka()
    settings = load_settings()
    old, fresh = _policy(settings.policies), _policy(new)
    now = _instant(at, old, settings)
    replay = Replay(settings.policies, new, now, days)
    cases, found = 0, list[Judged]()
    for case in _cases(settings, rows):
        replay.take(case)
        if case.clocks:
            cases += 1
            found += judged(old, fresh, case, now)
    moved = sorted((one for one in found if one.moves != "same"), key=_urgency)
    routes = replay.found()
    if json:
        as_json(_facts(cases, found, moved, now) | {"routes": policy_routes.facts(replay, routes)})
        return
    _tell(cases, found, moved, limit, ZoneInfo(old.calendar.timezone))
    if days:
        policy_routes.tell(replay, routes, limit, words_of(settings.policies))


def _urgency(one: Judged) -> tuple[bool, datetime]:
    """What would be overdue first, then what ends first."""
    return not one.overdue, one.new_due or one.old_due


def _policy(folder: Path) -> Policy:
    try:
        return policy_in(folder)
    except BROKEN as error:
        why = f"{folder} 读不通：{error}（先运行 anxin check policy --policies {folder}）"
        raise fail(why, EXIT_TROUBLE) from None


def _instant(text: str, policy: Policy, settings: Settings) -> datetime:
    if not text:
        return clock_of(settings.clock).now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise fail(f"--at: {error}", EXIT_TROUBLE) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(policy.calendar.timezone))


def _cases(settings: Settings, rows: Path | None) -> Iterator[Case]:
    try:
        for number, raw in enumerate(_lines(rows) if rows else rows_of_cases(settings), start=1):
            case = _case(raw, f"{rows or '状态主题'} 第 {number} 行")
            if case is not None:
                yield case
    except NotNow as error:
        raise fail(str(error), EXIT_NOT_NOW) from None


def _case(raw: bytes, where: str) -> Case | None:
    try:
        return decode_row(raw, Case).state
    except ValueError as error:
        raise fail(f"{where}读不出：{error}", EXIT_TROUBLE) from None


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from (line.strip() for line in file if line.strip())


def _facts(
    cases: int, found: Sequence[Judged], moved: Iterable[Judged], now: datetime
) -> dict[str, Any]:
    total = {name: sum(row[name] for row in summed(found).values()) for name in COUNTS_ZH}
    return {
        "at": now,
        "cases": cases,
        **total,
        "clocks": summed(found),
        "moved": [asdict(one) | {"moves": one.moves} for one in moved],
    }


def _tell(
    cases: int, found: Sequence[Judged], moved: Sequence[Judged], limit: int, zone: ZoneInfo
) -> None:
    stages = {one.name: one.stage_zh for one in found}
    rows = [
        (name, stages[name], *(row[key] for key in COUNTS_ZH))
        for name, row in summed(found).items()
    ]
    as_table("按期限", ("期限", "环节", *COUNTS_ZH.values()), rows)
    if moved and limit:
        columns = [
            Column(name, overflow="fold")
            for name in ("案号", "期限", "原届满", "新届满", "变动", "原因")
        ]
        as_table(
            f"变动的期限{f'（前 {limit} 个）' if len(moved) > limit else ''}",
            columns,
            [_row(one, zone) for one in moved[:limit]],
        )
    late, freed = (sum(getattr(one, name) for one in found) for name in ("overdue", "relieved"))
    typer.echo(
        f"{cases} 个案件、{len(found)} 个在走的期限：{len(moved)} 个变动，新增逾期 {late} 个，"
        f"不再逾期 {freed} 个。这是试算，没有改动任何期限。"
    )


def _row(one: Judged, zone: ZoneInfo) -> list[str]:
    new = f"{one.new_due.astimezone(zone):%Y-%m-%d %H:%M}" if one.new_due else "不变"
    mark = "，新增逾期" if one.overdue else "，不再逾期" if one.relieved else ""
    cells = (
        one.case,
        " ".join(filter(None, (one.name, one.stage_zh, one.source))),
        f"{one.old_due.astimezone(zone):%Y-%m-%d %H:%M}",
        new,
        MOVES_ZH[one.moves] + mark,
        one.why_zh,
    )
    return [escape(cell) for cell in cells]
