"""`anxin matter explain`: are these records one matter? Each point, the sum, the band. Nothing is sent or kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer
from rich.markup import escape
from rich.table import Column

from schemas.cases import CaseOpened, Likeness, MatterSuggested, SubmissionJoined
from schemas.event import Data, Refused
from schemas.matter import Channel, Submission
from services.cli.output import as_json, as_table, fail
from services.cli.records import EXIT_TROUBLE, file_named, lines_in, record_of
from services.cli.routed import read
from services.intake.core.check import arrival_of
from services.intake.core.desk import Desk
from services.intake.core.joining import JoinRule
from services.intake.core.likeness import BAND_ZH, likeness
from services.intake.core.matters import matter_of
from services.intake.core.policy import Policy
from services.intake.settings import load_policy
from services.kernel.ids import case_id
from services.runtime.clock import clock_of
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Is it the same matter, and why")


@app.callback()
def noun() -> None:
    """Is it the same matter, and why."""


@app.command()
def explain(
    a: Annotated[
        str, typer.Argument(help="words or a raw record (JSON); alone: a file of records")
    ],
    b: Annotated[str, typer.Argument(help="words or a raw record (JSON)")] = "",
    channel: Annotated[
        str, typer.Option(help="whose record A is, where its file does not say")
    ] = "12345",
    channel_b: Annotated[str, typer.Option(help="the same of B")] = "12345",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Two records compared; or those of a file, one `{channel, raw}` a line, as intake would take them in turn."""
    for one in (channel, channel_b):
        if one not in get_args(Channel):
            raise fail(f"没有渠道 {one}；可用：{'、'.join(get_args(Channel))}", EXIT_TROUBLE)
    settings = load_settings()
    policy, now = load_policy(settings, b"no person is known here"), clock_of(settings.clock).now()
    path = file_named(a)
    if b:
        raws = record_of(a, cast(Channel, channel)), record_of(b, cast(Channel, channel_b))
        _tell(policy.join, _pair(policy, raws, now), json=json)
    elif path is None:
        raise fail("只给了一件：请再给一件，或给一个每行一条记录的文件", EXIT_TROUBLE)
    else:
        _tell_all(list(_in_turn(policy, path)), json=json)


def _pair(
    policy: Policy, raws: Sequence[tuple[Channel, Mapping[str, Any]]], now: datetime
) -> Likeness:
    one, other = (_submission(policy, *raw, now) for raw in raws)
    known = matter_of(case_id(one.submission_id), one)
    same_id = bool(one.identity.id_number) and one.identity.id_number == other.identity.id_number
    return likeness(policy.join, known, other, home=same_id or one.person == other.person)


def _submission(
    policy: Policy, channel: Channel, raw: Mapping[str, Any], now: datetime
) -> Submission:
    try:
        return read(policy, channel, raw, now)
    except Refused as error:
        raise fail(f"无法受理：{error.detail_zh}（{error.field or error.reason}）") from None


def _in_turn(policy: Policy, path: Path) -> Iterator[tuple[int, Data, list[MatterSuggested]]]:
    """Line number, what was decided, what is shown to people beside it."""
    desk = Desk(policy)
    for number, channel, raw in lines_in(path):
        try:
            arrival = arrival_of(policy, {"id": str(number), "channel": channel, "raw": raw})
            said = desk.take(arrival, arrival.event.time)
        except (Refused, ValueError) as error:
            why = error.detail_zh if isinstance(error, Refused) else str(error)
            raise fail(f"{path} 第 {number} 行：{why}") from None
        hints = [one for one in said if isinstance(one, MatterSuggested)]
        yield from ((number, one, hints) for one in said if not isinstance(one, MatterSuggested))


def _tell(rule: JoinRule, like: Likeness, *, json: bool) -> None:
    if json:
        as_json(like.model_dump(mode="json"))
        return
    columns: list[str | Column] = [
        "规则",
        Column("得分", justify="right"),
        Column("比对", overflow="fold"),
        "最多到",
    ]
    rows = [
        (one.rule, f"{one.points:+d}", escape(one.text_zh), _limit(one.at_most))
        for one in like.points
    ]
    as_table("得分项", columns, rows)
    total = round(like.score * 100)
    typer.echo(
        f"合计 {total} 分（{rule.join_min} 分以上自动并案，{rule.suggest_min} 分以上提示核对）："
        f"{BAND_ZH[like.band]}"
    )


def _limit(band: str) -> str:
    return "" if band == "join" else BAND_ZH[band]


def _tell_all(done: Sequence[tuple[int, Data, list[MatterSuggested]]], *, json: bool) -> None:
    if json:
        as_json([_facts(*one) for one in done])
        return
    first: dict[object, int] = {}
    for number, said, hints in done:
        if isinstance(said, SubmissionJoined):
            typer.echo(
                f"{number}\t并入第 {first[said.case_id]} 行的案件：{said.likeness.reason_zh}"
            )
        elif isinstance(said, CaseOpened):
            first[said.case_id] = number
            typer.echo(f"{number}\t另立新案 {said.number}")
        else:
            typer.echo(f"{number}\t诉求变更，归入原案")
        for hint in hints:
            typer.echo(f"\t　提示核对第 {first[hint.other]} 行的案件：{hint.likeness.reason_zh}")


def _facts(number: int, said: Data, hints: Sequence[MatterSuggested]) -> dict[str, Any]:
    found = said.model_dump(mode="json", include={"case_id", "number", "likeness"})
    shown = [one.model_dump(mode="json", include={"other", "likeness"}) for one in hints]
    return {"line": number, "type": said.TYPE, **found, "suggested": shown}
