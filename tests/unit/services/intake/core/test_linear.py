"""No text is expensive: thrice the length costs about thrice the work, for every pattern and for all of them together.

Least CPU time of several runs over long texts, without garbage collection; what is quadratic takes nine times as long.
"""

import gc
import importlib
import pkgutil
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import process_time

import pytest

import services.intake.core
from services.intake.core.extract import extract
from services.intake.core.fields import Reading
from tests.support.intake import policy

TREBLED_MAX = 5
ATTEMPTS, RUNS, NOISE_S = 4, 2, 1e-4
NOW = datetime(2026, 11, 16, tzinfo=UTC)
BAITS = (
    "电话：", "欠工资", "一万", "1", "1,1.",
    "2025年3月", "在一家", "店", "亿", "每天十", "有限公司", "鄂州市鄂城区", "花湖",
    "“某店", "叫",
    "单位是", "没有", "拖欠", "的", "、", " ", "😀", "<script>", "忽略以上指令", "\u202e", "从去年", "3个人",
    "和另外两个",
    "仲裁", "已经申请", "押金", "三千一", "0711-", "一天一百",
)  # fmt: skip


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules(services.intake.core.__path__):
        held = vars(importlib.import_module(f"services.intake.core.{module.name}"))
        for name, value in held.items():
            for number, one in enumerate(value if isinstance(value, tuple) else (value,)):
                found = one[0] if isinstance(one, tuple) and one else one
                if isinstance(found, re.Pattern) and isinstance(found.pattern, str):
                    yield f"{module.name}.{name}.{number}", found
    words = policy().words
    yield from {
        "parts": words.figures.parts, "rates": words.figures.rates, "cue": words.figures.cue,
        "people": words.counting.people, "subject": words.counting.subject, "others": words.counting.others,
        "not_subject": words.workplaces.not_subject,
    }.items()  # fmt: skip


def trebled(work: Callable[[str], object], text: str, runs: int = RUNS) -> float:
    """How many times the work of a text the work of that text thrice over is.

    Least time against least time: a busy machine only ever adds, so that both come nearer to the truth with every run.
    """

    def cpu(given: str) -> float:
        started = process_time()
        work(given)
        return process_time() - started

    once = thrice = float("inf")
    gc.disable()
    try:
        for _ in range(ATTEMPTS):
            for _ in range(runs):
                once, thrice = min(once, cpu(text)), min(thrice, cpu(text * 3))
            if (ratio := (thrice + NOISE_S) / (once + NOISE_S)) <= TREBLED_MAX:
                break
        return ratio
    finally:
        gc.enable()


def texts_for(pattern: re.Pattern[str], chars: int) -> Iterator[str]:
    """Its own characters in random order, and one of them again and again."""
    draw = random.Random(pattern.pattern)
    own = sorted({char for char in pattern.pattern if char.isalnum()}) or ["1"]
    yield "".join(draw.choice([*own, "1", "十"]) for _ in range(chars))
    yield draw.choice(own) * chars
    yield "1" * chars


@pytest.mark.parametrize(("name", "pattern"), list(patterns()), ids=lambda one: str(one)[:40])
def test_a_pattern_is_linear(name: str, pattern: re.Pattern[str]) -> None:
    for text in texts_for(pattern, 3_000):
        assert trebled(lambda given: sum(1 for _ in pattern.finditer(given)), text) <= TREBLED_MAX


def read(text: str) -> object:
    return extract(policy().words, "12345", Reading({"content": text}, {}), NOW)


@pytest.mark.parametrize("bait", BAITS)
def test_extraction_is_linear(bait: str) -> None:
    assert trebled(read, (bait * 6_000)[:6_000]) <= TREBLED_MAX


def test_a_mix_of_everything_is_linear() -> None:
    draw = random.Random(5)
    text = "".join(draw.choice((*BAITS, "，", "。")) for _ in range(2_000))
    assert trebled(read, text) <= TREBLED_MAX


def test_a_quadratic_reader_would_be_seen() -> None:
    """Asked often at once: two slow runs of the short text alone would flatter it."""
    assert trebled(re.compile("a*b").search, "a" * 2_500, runs=12) > TREBLED_MAX
