"""紧急情形 (clock S02): ten people or more, threats, child labour, a fled employer, people held."""

import re

from schemas.matter import Span
from services.intake.core.passage import Passage

PEOPLE_URGENT = 10
"""监察条例 §14 names no number; ten is the usual line of a group matter (群体性)."""
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("极端言行或聚集苗头", re.compile(
        r"跳楼|自杀|轻生|寻短见|不想活|不活了|同归于尽|喝药|喝农药|塔吊|堵(?:厂|店|公司|大|路|桥)?门|堵路|堵桥|拉横幅|围堵|聚集|闹事|"
        r"上访|进京|去省里|去市里闹|去北京|走极端|极端|砸店|砸厂|打起来|拼命|鱼死网破|静坐")),
    ("用人单位负责人逃匿或转移财产", re.compile(
        r"跑路|逃跑|逃匿|卷款|卷钱|失联|失踪|人去楼空|搬空|转移(?:财产|资产|设备)|连夜搬|老板跑|跑了|找不到(?:人|老板)|联系不上(?:老板|负责人|公司)")),
    ("限制人身自由", re.compile(
        r"不让(?:人)?(?:走|离开|出门|出去|回家)|限制(?:人身|出入|自由)|关起来|锁在|扣人|扣押(?:人|工人)|被看管|非法拘禁|殴打|打人|威胁|强迫(?:劳动|上班)")),
)  # fmt: skip
_DENIED = re.compile(r"(?:没有?|未|不会|不想|不愿|不要|无|并非|不是)[^，。；]{0,2}$")


def urgency(
    texts: tuple[Passage, ...], people: int | None, category: str, source_urgent: bool
) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """Reasons in Chinese, empty = not urgent, and where the words stand."""
    reasons: list[str] = []
    spans: list[Span] = []
    if people is not None and people >= PEOPLE_URGENT:
        reasons.append(f"涉及{people}人")
    if category == "child_labour":
        reasons.append("涉嫌使用童工")
    for reason, pattern in _SIGNS:
        span = next(
            (found for text in texts if text.free and (found := _sign(text, pattern))), None
        )
        if span:
            reasons.append(reason)
            spans.append(span)
    if source_urgent:
        reasons.append("来源标注紧急")
    return tuple(reasons), tuple(spans)


def _sign(passage: Passage, pattern: re.Pattern[str]) -> Span | None:
    for hit in pattern.finditer(passage.text):
        if not _DENIED.search(passage.text[max(0, hit.start() - 5) : hit.start()]):
            return passage.span(*hit.span())
    return None
