"""紧急情形 (clock S02): ten people or more, threats, child labour, a fled employer, people held.

The words and the number are policies/words/phrases.toml [urgency].
"""

from schemas.matter import Span
from services.intake.core.lexicon import Match, Rule
from services.intake.core.passage import Passage
from services.intake.core.words import Matters

DENIED_CHARS = 5


def urgency(
    words: Matters,
    texts: tuple[Passage, ...],
    people: int | None,
    category: str,
    source_urgent: bool,
) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """Reasons in Chinese, empty = not urgent, and where the words stand."""
    reasons: list[str] = []
    spans: list[Span] = []
    if people is not None and people >= words.people_urgent:
        reasons.append(f"涉及{people}人")
    if category == "child_labour":
        reasons.append("涉嫌使用童工")
    for reason, rule in words.signs.items():
        span = next((got for one in texts if one.free and (got := _sign(words, one, rule))), None)
        if span:
            reasons.append(reason)
            spans.append(span)
    if source_urgent:
        reasons.append("来源标注紧急")
    return tuple(reasons), tuple(spans)


def _sign(words: Matters, passage: Passage, rule: Rule) -> Span | None:
    for hit in passage.scan.all(rule):
        if not _denied(words, passage.masked, hit):
            return passage.said(hit)
    return None


def _denied(words: Matters, text: str, hit: Match) -> bool:
    """没有跑路, 不是来闹事的; 威胁开除 threatens nobody's life."""
    before = text[max(0, hit[0][0] - DENIED_CHARS) : hit[0][0]]
    cut = max(before.rfind(mark) for mark in "，。；！？、")
    before = before[cut + 1 :]
    if any(before[at:] in words.denied_before for at in range(len(before))):
        return True
    if any(before[:-1].endswith(word) for word in words.denied_before if len(word) > 1):
        return True
    after = text[hit[-1][1] : hit[-1][1] + 6]
    return any(word in after for word in words.harmless_after)
