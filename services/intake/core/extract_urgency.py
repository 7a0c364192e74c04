"""紧急情形 (clock S02): ten people or more, threats, child labour, a fled employer, people held.

The words and the number are policies/words/phrases.toml [urgency].
"""

import re

from schemas.matter import Span
from services.intake.core.lexicon import Match, Rule
from services.intake.core.passage import Passage
from services.intake.core.text import clause_after, clause_before
from services.intake.core.words import Matters

DENIED_CHARS, RETRACTED_CHARS = 5, 40
_ELSEWHERE = re.compile(r"[^，。；]{0,8}的?是[^，。；]{0,4}(?:隔壁|别家|别的|另一家)")
"""去年跳楼出事的是我们隔壁那家厂."""
_OTHERS = re.compile(r"隔壁(?:那个|那家|的)?(?:厂|店|公司|工地)|别家|别的(?:厂|店|公司|工地)")
_NOT_HIM = re.compile(r"联系(?:不上|不到)(?:我|咱)们?(?=[，。；,]|$)")
_HOTLINE = re.compile(r"(?:12345|12333|热线|你们)[^，。；]{0,8}$")
"""打12333一直联系不上; 老板联系不上我: no boss has fled."""
_THREATS = ("威胁", "恐吓")
_UNLESS = re.compile(r"[^，。；]{0,6}(?:就|不|拿|才)")


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
        hits = (_sign(words, one, rule, reason == words.retractable) for one in texts if one.free)
        span = next(filter(None, hits), None)
        if span:
            reasons.append(reason)
            spans.append(span)
    if source_urgent:
        reasons.append("来源标注紧急")
    return tuple(reasons), tuple(spans)


def _sign(words: Matters, passage: Passage, rule: Rule, retractable: bool) -> Span | None:
    text = passage.masked
    for hit in passage.scan.all(rule):
        end = hit[-1][1]
        taken_back = retractable and words.retracted.search(text, end, end + RETRACTED_CHARS)
        ours = _HOTLINE.search(passage.text, 0, hit[0][0]) or _NOT_HIM.match(text, hit[0][0])
        if text.startswith("联系", hit[0][0]) and ours:
            continue
        if not taken_back and not _denied(words, text, hit):
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
    if before == "不" and not _UNLESS.match(text, hit[-1][1]):
        return True  # 不上访，不堵路; but 不堵路就不给钱
    end = hit[-1][1]
    if _ELSEWHERE.match(text, end) or _OTHERS.search(clause_before(text, hit[0][0], 12)):
        return True
    threat = text.startswith(_THREATS, hit[0][0])
    after = clause_after(text, end, 16) if threat else text[end : end + 6]
    return any(word in after for word in words.harmless_after)
