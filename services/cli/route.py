"""`anxin route explain`: who would get this complaint, and why."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast, get_args
from zoneinfo import ZoneInfo

import typer

from schemas.cases import CaseDeclined, CaseRouted, Target
from schemas.event import Refused
from schemas.matter import Channel, Span, Submission
from services.cli.output import as_json, fail
from services.cli.records import record_of
from services.cli.route_test import command as test_command
from services.cli.routed import decided, read
from services.intake.settings import load_policy as load_intake
from services.router.settings import load_policy as load_router
from services.runtime.clock import clock_of
from services.runtime.policy_files import table, toml
from services.runtime.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Who is responsible, and why")


app.command("test")(test_command)


@app.callback()
def noun() -> None:
    """Who is responsible, and why."""


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="the words, or a file with one raw record (JSON)")],
    channel: Annotated[str, typer.Option(help="whose raw record it is")] = "12345",
    employer: Annotated[str, typer.Option(help="被投诉单位")] = "",
    on: Annotated[str, typer.Option(help="ISO 8601: the instant that picks the grid map")] = "",
    policies: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="instead of ANXIN_POLICIES")
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Normalise and route in this process; nothing is sent, sealed or kept."""
    if channel not in get_args(Channel):
        raise fail(f"没有渠道 {channel}；可用：{'、'.join(get_args(Channel))}", 2)
    settings = load_settings(**({"policies": policies} if policies else {}))
    now = _instant(on, settings)
    source, raw = record_of(text, cast(Channel, channel), employer)
    try:
        submission = read(load_intake(settings, b"no person is known here"), source, raw, now)
    except Refused as error:
        raise fail(f"无法受理：{error.detail_zh}（{error.field or error.reason}）") from None
    said = decided(load_router(settings), submission, settings.district, now)
    if json:
        as_json({**said.model_dump(mode="json"), "matter": _matter(submission)})
    else:
        typer.echo("\n".join(lines_of(said, submission, words_of(settings.policies))))


def words_of(policies: Path) -> Mapping[str, Mapping[str, str]]:
    """How codes are said aloud: verdict, rule_kind, post."""
    posts = {row["post"]: row["name_zh"] for row in table(policies / "ladder.csv")}
    return toml(policies / "texts.zh.toml") | {"post": posts}


def _instant(text: str, settings: Settings) -> datetime:
    if not text:
        return clock_of(settings.clock).now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise fail(f"--on: {error}", 2) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def _matter(submission: Submission) -> Mapping[str, Any]:
    return submission.matter.model_dump(mode="json", exclude_defaults=True)


def lines_of(
    said: CaseRouted | CaseDeclined,
    submission: Submission,
    words: Mapping[str, Mapping[str, str]],
) -> list[str]:
    """The decision for a person, in Chinese."""
    employer = submission.matter.employer
    lines = [f"单位　　{employer.name if employer else '（未写明）'}"]
    if isinstance(said, CaseDeclined):
        lines += [
            f"结论　　不予办理：{words['verdict'][said.verdict]}（{said.exit}）",
            f"告知　　{said.advice_zh}",
            f"去向　　{said.channel_zh}",
        ]
        return lines + _evidence(said)
    to, posts = said.target, words["post"]
    lines += [
        f"结论　　{words['verdict'][said.verdict]}",
        f"镇街　　{to.unit or '—'}",
        f"村社区　{to.village or '—'}",
        f"网格　　{to.grid or '—'}",
        f"岗位　　{posts.get(to.post, to.post)}",
        f"依据　　{words['rule_kind'][said.rule_kind]}，把握 {to.confidence:.0%}",
    ]
    if said.triage_reason:
        lines.append(f"分拣　　{said.triage_reason}")
    lines += _evidence(said)
    lines += [f"　备选　{_named(one, posts)}" for one in said.alternatives]
    return [*lines, f"网格图　{said.grid_map}"]


def _evidence(said: CaseRouted | CaseDeclined) -> list[str]:
    return [
        f"　证据　{one.text_zh}{_where(one.span)}，权重 {one.weight:.0%}" for one in said.evidence
    ]


def _where(span: Span | None) -> str:
    if span is None:
        return ""
    words = f"「{span.text}」" if span.text else ""
    return f"（{span.field} {span.start}–{span.end}{words}）"


def _named(target: Target, posts: Mapping[str, str]) -> str:
    parts = (target.unit, target.village, target.grid or posts.get(target.post, target.post))
    return f"{' '.join(filter(None, parts))}，把握 {target.confidence:.0%}"
