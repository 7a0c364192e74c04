"""The other half of `anxin policy preview NEW`: cases of the last days, as the proposed grid map would send them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Column

from schemas.cases import CaseOpened
from services.cli.output import as_table, fail
from services.cli.policies import BROKEN
from services.escalation.core.state import Case
from services.router.core.policy import Policy
from services.router.core.preview import Goes, Shadow, by_key, shadows
from services.router.settings import policy_in

EXIT_TROUBLE = 2
SHANGHAI = ZoneInfo("Asia/Shanghai")
Words = Mapping[str, Mapping[str, str]]
"""How codes are said aloud: post, verdict, rule_kind."""


class Replay:
    """Old and new grid map side by side. `days`: cases opened since; 0 = none is replayed."""

    def __init__(self, old: Path, new: Path, now: datetime, days: int) -> None:
        self.days, self.since = days, now - timedelta(days=days)
        self.old, self.new = (_policy(old), now), _newest(_policy(new), now)
        self.cases = list[CaseOpened]()

    def take(self, case: Case) -> None:
        """A row of escalation: its first record is what the router saw."""
        if not (self.days and case.sources and case.opened_at and case.opened_at >= self.since):
            return
        self.cases.append(
            CaseOpened(
                district=case.district,
                case_id=case.case_id,
                number=case.number,
                submission=case.sources[0].submission,
            )
        )

    def found(self) -> list[Shadow]:
        return shadows(self.old, self.new, self.cases)

    @property
    def maps(self) -> tuple[str, str]:
        return tuple(policy.map_at(at).version for policy, at in (self.old, self.new))  # type: ignore[return-value]


def _policy(folder: Path) -> Policy:
    try:
        return policy_in(folder)
    except BROKEN as error:
        why = f"{folder} 读不通：{error}（先运行 anxin check policy --policies {folder}）"
        raise fail(why, EXIT_TROUBLE) from None


def _newest(policy: Policy, now: datetime) -> tuple[Policy, datetime]:
    """A map that is proposed mostly begins later than today: it is tried as if its day had come."""
    begins = datetime.combine(max(one.valid_from for one in policy.maps), time(), SHANGHAI)
    return policy, max(now, begins.astimezone(UTC))


def facts(replay: Replay, found: Sequence[Shadow]) -> dict[str, Any]:
    old, new = replay.maps
    return {
        "days": replay.days,
        "old_map": old,
        "new_map": new,
        "cases": len(found),
        "moved": [asdict(one) for one in found if one.moves],
        "by_grid": {
            key: {"before": before, "after": after}
            for key, (before, after) in by_key(found).items()
        },
    }


def tell(replay: Replay, found: Sequence[Shadow], limit: int, words: Words) -> None:
    moved = [one for one in found if one.moves]
    if moved and limit:
        counts = [
            (key, before, after, f"{after - before:+d}")
            for key, (before, after) in by_key(found).items()
        ]
        as_table("按网格", ("网格或岗位", "原", "新", "增减"), counts)
        columns = [Column(name, overflow="fold") for name in ("案号", "原派", "新派", "新依据")]
        more = f"（前 {limit} 件）" if len(moved) > limit else ""
        rows = [[escape(cell) for cell in _row(one, words)] for one in moved[:limit]]
        as_table(f"改派的案件{more}", columns, rows)
    old, new = replay.maps
    typer.echo(
        f"网格图 {old} → {new}：近 {replay.days} 天登记的 {len(found)} 件，{len(moved)} 件会派给别人。"
        "这是试算，已派出的案件不动。"
    )


def _row(one: Shadow, words: Words) -> tuple[str, ...]:
    why = words["rule_kind"].get(one.new.why, "不属职责")
    return (
        one.number,
        _named(one.old, words),
        _named(one.new, words),
        f"{why}，把握 {one.new.confidence:.0%}",
    )


def _named(one: Goes, words: Words) -> str:
    if one.why == "declined":
        return words["verdict"].get(one.key, one.key)
    post = one.key.rpartition("/")[2]
    return " ".join(filter(None, (one.unit, words["post"].get(post, post))))
