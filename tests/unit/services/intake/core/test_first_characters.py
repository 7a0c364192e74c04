"""A pattern that says with what it may begin (`(?=[…])`, for speed) finds what it would find without saying so."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from tests.unit.services.intake.core.test_linear import patterns, texts_for

VECTORS = Path(__file__).parents[5] / "tests/vectors"
GATE = re.compile(r"\(\?=\[[^\]]+\]\)")
GATED = [(name, one) for name, one in patterns() if GATE.match(one.pattern)]


@cache
def texts() -> tuple[str, ...]:
    lines = [
        line for path in sorted(VECTORS.glob("*-*.jsonl")) for line in path.open(encoding="utf-8")
    ]
    raws = [json.loads(line).get("raw", {}) for line in lines]
    return tuple(str(value) for raw in raws for value in raw.values())


def spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [hit.span() for hit in pattern.finditer(text)]


def differs(pattern: re.Pattern[str], gate: str) -> bool:
    bare = re.compile(pattern.pattern.removeprefix(gate))
    return any(
        spans(pattern, one) != spans(bare, one) for one in (*texts(), *texts_for(pattern, 500))
    )


@pytest.mark.parametrize(("name", "pattern"), GATED, ids=[name for name, _ in GATED])
def test_nothing_is_lost_to_it(name: str, pattern: re.Pattern[str]) -> None:
    gate = GATE.match(pattern.pattern)
    assert gate is not None
    assert not differs(pattern, gate.group())


def test_a_character_too_few_would_be_seen() -> None:
    assert differs(re.compile("(?=[三])(?:三|四)月"), "(?=[三])")
