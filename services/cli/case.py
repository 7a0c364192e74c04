"""`anxin case show`: one case, from its first record to now, with every reason."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from schemas.event import Event
from services.cli.output import as_json, as_table, fail
from services.escalation.core.policy import Policy
from services.escalation.core.procedure import Period, periods
from services.escalation.core.state import Case, Clock, state_of
from services.escalation.settings import load_policy
from services.kernel.governing import governing
from services.kernel.timeline import timeline
from services.runtime.case_reader import case_of_number, read_case
from services.runtime.log import quiet_kafka
from services.runtime.publish import NotNow
from services.runtime.rows import decode_row
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="One case and its history")
EXIT_NOT_NOW = 70


@app.callback()
def noun() -> None:
    """One case and its history."""


@app.command()
def show(
    case: Annotated[str, typer.Argument(help="案号 such as 20250828-ABCDEF, or the case id")],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Timeline with reasons, running clocks, owner, sources and their answers."""
    quiet_kafka()
    settings = load_settings()
    policy = load_policy(settings)
    try:
        identity = _uuid(case) or case_of_number(settings, case)
        if identity is None:
            raise fail(f"没有案件 {case}：请核对案号", 1)
        events, raw = read_case(settings, identity)
    except NotNow as error:
        raise fail(str(error), EXIT_NOT_NOW) from None
    if not events:
        raise fail(f"没有案件 {case}：请核对案号", 1)
    row = decode_row(raw, Case).state if raw else None
    _as_json(policy, identity, events, row) if json else _as_text(policy, events, row)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _as_json(policy: Policy, case: UUID, events: Sequence[Event], row: Case | None) -> None:
    lines = timeline(policy.words, events)
    first = governing(row.clocks) if row else None
    as_json(
        {
            "case_id": case,
            "timeline": [{"at": one.at, "type": one.type, "text_zh": one.text_zh} for one in lines],
            "state": state_of(row) if row else None,
            "governing": first.model_dump(mode="json") if first else None,
            "row": row.model_dump(mode="json") if row else None,
        }
    )


def _as_text(policy: Policy, events: Sequence[Event], row: Case | None) -> None:
    lines = timeline(policy.words, events)
    as_table("经过", ("时间", "事项"), [(f"{one.at:%Y-%m-%d %H:%M}", one.text_zh) for one in lines])
    if row is None:
        typer.echo("督办环节还没有这个案件的状态")
        return
    zone = ZoneInfo(policy.calendar.timezone)
    names = {(rule.id, rule.variant): rule.stage_zh for rule in policy.rules}
    clocks = [_clock(policy, one, names, zone) for one in row.clocks]
    as_table("在走的期限", ("期限", "来源", "到期", "性质", "状态"), clocks)
    others = [_period(one, zone) for one in periods(policy, row)]
    if others:
        as_table("他方期限和最短期间", ("期限", "起", "至", "性质"), others)
    answers = [(one.name, _answer(one.owed, one.replied)) for one in row.sources]
    as_table("来源", ("来源", "答复"), answers)
    owner = row.owner
    held = f"{policy.post_zh(owner.post)} {owner.account} {owner.grid}" if owner else "待派单"
    word = state_of(row)
    first = governing(row.clocks)
    until = _until(policy, first, names, zone) if first else "无"
    typer.echo(f"案号 {row.number}，现状 {policy.texts['state'].get(word, word)}，责任人 {held}")
    typer.echo(f"主导期限 {until}")


def _until(policy: Policy, clock: Clock, names: dict[tuple[str, str], str], zone: ZoneInfo) -> str:
    name, source, due, *_ = _clock(policy, clock, names, zone)
    return f"{' '.join(filter(None, (name, source)))}，{due} 前"


def _period(one: Period, zone: ZoneInfo) -> tuple[str, ...]:
    kind = {"window": "他方", "minimum": "最短期间"}[one.rule.role]
    days = (f"{at.astimezone(zone):%Y-%m-%d}" for at in (one.begun_at, one.due_at))
    return f"{one.rule.id} {one.rule.stage_zh}", *days, kind


def _clock(
    policy: Policy, clock: Clock, names: dict[tuple[str, str], str], zone: ZoneInfo
) -> tuple[str, ...]:
    kind = "法定" if clock.hard else "内部"
    due = f"{clock.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
    name = f"{clock.id} {names.get((clock.id, clock.variant), '')}"
    return name, clock.source, due, kind, _state(policy, clock, zone)


def _state(policy: Policy, clock: Clock, zone: ZoneInfo) -> str:
    """Standing still says why, since when and until when at most; then lapsed, provisional, extended."""
    if clock.standing:
        grounds = "、".join(policy.pauses[one.ground].name_zh for one in clock.standing)
        begun = min(one.begins for one in clock.standing).astimezone(zone)
        until = min(one.until for one in clock.standing).astimezone(zone)
        return f"暂停（{grounds}，{begun:%m-%d %H:%M} 起，至迟 {until:%Y-%m-%d}）"
    extended = f"，已延 {clock.extension}" if clock.extension else ""
    asked = f"，申请延 {clock.asked}" if clock.asked else ""
    word = "已逾期" if clock.breached else "暂定" if clock.provisional else "进行中"
    return word + extended + asked


def _answer(owed: bool, replied: bool) -> str:
    return "已答复" if replied else "应答复" if owed else "办理中"
