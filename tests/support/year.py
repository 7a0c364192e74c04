"""The figures of the article's year and of the extras: whatever replays them must come to these."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.event import Reason

SCENARIO = Path(__file__).parents[2] / "demo/acceptance-2025.jsonl"
RUNGS = {
    "R2", "R2_leader", "R3_duty", "R3_head", "R3_brigade", "R4_liaison", "R4_platform", "R4",
    "R4_director", "R5_head", "R6", "R7",
}  # fmt: skip
YEAR = {
    "submissions": 26, "cases_opened": 22, "joined": 4, "declined": 0, "quarantined": 0,
    "closed": 22, "still_open": 0, "recovered_yuan": 150_000, "workers_paid": 26,
    "replies_owed": 24, "replies_confirmed": 24, "breached": 0, "escalated": 0, "refused": 0,
}  # fmt: skip


def as_the_article_says(article: Mapping[str, Any]) -> None:
    assert {name: article[name] for name in YEAR} == YEAR
    units, grids = expected_places()
    assert article["by_unit"] == units
    assert sum(article["by_grid"].values()) == 22
    assert all(article["by_grid"][grid] >= count for grid, count in grids.items())


def expected_places() -> tuple[Counter[str], Counter[str]]:
    """Units, and grids where one is certain, as the scenario's own `expect` says of each opening record."""
    lines = SCENARIO.read_text(encoding="utf-8").splitlines()
    expect = [one["expect"] for one in map(json.loads, lines) if one["kind"] == "submission"]
    opens = [one for one in expect if one["outcome"] == "opens"]
    return Counter(o["unit"] for o in opens), Counter(o["grid"] for o in opens if "grid" in o)


def as_the_extras_were_meant(extras: Mapping[str, Any]) -> None:
    assert set(extras["escalated_by_rung"]) == RUNGS
    assert extras["breached_by_clock"] == dict.fromkeys(
        ("S01", "S02", "S04", "S06", "S07", "S08", "S09"), 1
    )
    assert extras["breached_hard"] == 1
    assert extras["warned"] > 0
    buried = extras["quarantined_by_reason"]
    assert sum(buried.values()) == extras["quarantined"] == 8
    assert set(buried) <= {reason.value for reason in Reason}
    assert len(buried) == 8
    assert extras["refused_by_reason"] == {"not_signed": 1}
    assert (extras["declined"], extras["returned"], extras["ruled"]) == (2, 2, 1)
    assert (extras["submissions"], extras["amended"], extras["still_open"]) == (8, 1, 0)
    assert extras["replies_owed"] == extras["replies_confirmed"] == 8
