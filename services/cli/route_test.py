"""`anxin route test FILE`: complaints and who must get them, as data: a unit test of the grid map."""

import csv
import io
import json as jsonlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Column

from schemas.cases import CaseDeclined, CaseRouted
from schemas.event import Refused
from schemas.matter import Channel
from services.cli.output import as_json, as_table, fail
from services.cli.policies import BROKEN
from services.cli.records import EXIT_TROUBLE, content_of
from services.cli.routed import decided, read, written
from services.intake.core.policy import Policy as IntakePolicy
from services.intake.settings import load_policy as load_intake
from services.router.core.policy import Policy
from services.router.settings import load_policy as load_router
from services.runtime.clock import clock_of
from services.runtime.settings import Settings, load_settings

EXPECTED = ("verdict", "unit", "village", "grid", "post", "rule")
COLUMNS = ("id", "channel", "text", "employer", "on", *EXPECTED, "trap")
NOTHING = "-"
SHANGHAI = ZoneInfo("Asia/Shanghai")
Row = Mapping[str, str]


def command(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV, see docs/policy.md")
    ],
    policies: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="instead of ANXIN_POLICIES")
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Route every row in this process and compare. Exit 1 on any miss, 2 on a file that cannot be read."""
    settings = load_settings(**({"policies": policies} if policies else {}))
    try:
        intake, router = load_intake(settings, b"no person is known here"), load_router(settings)
    except BROKEN as error:
        raise fail(
            f"{settings.policies} 读不通：{error}（先运行 anxin check policy）", EXIT_TROUBLE
        ) from None
    result = check_routes(settings, intake, router, list(rows_of(file)))
    if json:
        as_json(result)
    else:
        _tell(result)
    raise typer.Exit(1 if result["failed"] else 0)


def rows_of(path: Path) -> Iterator[Row]:
    """Each with an id, a text and something expected. Exit 2 naming the row that has not."""
    reader = csv.DictReader(io.StringIO(content_of(path), newline=""))
    header = reader.fieldnames or []
    missing = [name for name in ("id", "text") if name not in header]
    strange = [name for name in header if name not in COLUMNS]
    if missing or strange:
        said = [f"缺少列 {name}" for name in missing] + [f"没有列 {name}" for name in strange]
        raise fail(f"{path}：{'，'.join(said)}；可用：{'、'.join(COLUMNS)}", EXIT_TROUBLE)
    seen = set[str]()
    for number, row in enumerate(reader, start=2):
        why = _unfit(row, seen)
        if why:
            raise fail(f"{path} 第 {number} 行：{why}", EXIT_TROUBLE)
        seen.add(row["id"])
        yield row


def _unfit(row: Mapping[Any, Any], seen: set[str]) -> str:
    if None in row or any(value is None for value in row.values()):
        return "单元格个数与表头不符"
    if not row["id"] or row["id"] in seen:
        return "编号空缺或重复"
    if not row["text"].strip():
        return "没有诉求内容"
    if not any(row.get(name) for name in EXPECTED):
        return f"没有写明应派结果（{'、'.join(EXPECTED)} 至少一项）"
    if (row.get("channel") or "12345") not in get_args(Channel):
        return f"没有渠道 {row['channel']}"
    return ""


def check_routes(
    settings: Settings, intake: IntakePolicy, router: Policy, rows: Sequence[Row]
) -> dict[str, Any]:
    """`{total, passed, failed, misses}` as the other checks; `got` beside what was expected."""
    now, misses = clock_of(settings.clock).now(), []
    for row in rows:
        got = _got(settings, intake, router, row, now)
        for name in EXPECTED:
            wanted = row.get(name) or ""
            if wanted and got[name] != (wanted if wanted != NOTHING else ""):
                miss = {"id": row["id"], "field": name, "expected": wanted, "got": got[name]}
                misses.append(miss | {"trap": row.get("trap") or ""})
    failed = len({miss["id"] for miss in misses})
    total = len(rows)
    return {"total": total, "passed": total - failed, "failed": failed, "misses": misses}


def _got(
    settings: Settings, intake: IntakePolicy, router: Policy, row: Row, now: datetime
) -> dict[str, str]:
    at = _instant(row, now)
    channel: Any = row.get("channel") or "12345"
    try:
        raw = _raw(row, channel)
        said = decided(router, read(intake, channel, raw, at), settings.district, at)
    except Refused as error:
        return dict.fromkeys(EXPECTED, f"拒收：{error.detail_zh}")
    return answer_of(said)


def _raw(row: Row, channel: Channel) -> Mapping[str, Any]:
    """A cell that is a JSON object is a raw record; anything else is words."""
    try:
        found = jsonlib.loads(row["text"])
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    return written(channel, row["text"], row.get("employer") or "")


def _instant(row: Row, now: datetime) -> datetime:
    text = row.get("on") or ""
    try:
        moment = datetime.fromisoformat(text) if text else now
    except ValueError as error:
        raise fail(f"{row['id']}：on：{error}", EXIT_TROUBLE) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def answer_of(said: CaseRouted | CaseDeclined) -> dict[str, str]:
    if isinstance(said, CaseDeclined):
        return dict.fromkeys(EXPECTED, "") | {"verdict": said.verdict}
    to = said.target
    return {
        "verdict": said.verdict,
        "unit": to.unit,
        "village": to.village,
        "grid": to.grid,
        "post": to.post,
        "rule": said.rule_kind,
    }


def _tell(result: Mapping[str, Any]) -> None:
    names = ("id", "field", "expected", "got", "trap")
    rows = [[escape(miss[name]) for name in names] for miss in result["misses"]]
    if rows:
        columns = [Column(name, overflow="fold") for name in ("编号", "项", "应为", "实为", "说明")]
        as_table("派错的", columns, rows)
    typer.echo(f"{result['total']} 件，{result['passed']} 件派对，{result['failed']} 件派错")
