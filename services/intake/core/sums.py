"""Sums of money in a text: which numbers are money, and what each is (policies/words/figures.toml)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.core import numbers
from services.intake.core.text import clause_before
from services.intake.core.words import Figures

WINDOW_CHARS = 16
FEN_MIN = 1000  # under ten yuan is no claim
_MONEY_AFTER = re.compile(
    r"\s?(?:余|多|来|把|几|整)?\s?(?:元|块|圆|RMB|rmb|人民币|大洋)(?!地|板)|\s?(?:余|多|来|把)?钱|的?(?:欠条|白条)|的(?:工资|工钱|薪水|血汗钱)"
)
_ABOUT = re.compile(r"\s?(?:多|余|来|几|好几)?\s?")
_RATE_AFTER = re.compile(
    r"\s?[元块]?(?:钱)?左?右?\s?(?:/|每|一个?|一|、)\s?(?:(?P<month>个?月)|(?P<day>天|日|工)|(?P<hour>个?小时|时|h|H))"
    r"(?!了|多|前|后|没|都|份|内)"
)
_DEPOSIT_AFTER = re.compile(
    r"[元块]{0,2}(?:钱)?(?:的)?(?:作为?)?(?:押金|保证金|服装费|工服费|工服押金|罚款|中介费|培训费|介绍费|资料费|学费|房租|房贷|违约金|药费|路费|彩礼|贷款|外债|过节费|过节钱|红包|油钱)"
)
_NOTE_AFTER = re.compile(r"[元块]?钱?的?(?:欠条|白条)")
"""打了张1万2的欠条."""
_PRICE_AFTER = re.compile(r"[余多元块]{0,2}(?:钱)?(?:的)?(?:工程款|货款|材料款|承包款|租金)")
_WAGES = re.compile(r"工资|工钱|薪")
_UPPER = re.compile(r"[元块]?[-~至到](?=[\d一二三四五六七八九十])[\d.,一二三四五六七八九十百千万]+")
_ONE_MORE = re.compile(
    r"[\d千百万二两三四五六七八九]一(?:天|个?月|个?小时|日|个人)|.一(?:直|共|起|些|下|般|样|旦|切|定|律|分)"
)
_AND_MORE = re.compile(r"[和跟及](?:押金|保证金|服装费|工资|加班费|提成|奖金|补贴|补偿)")
"""四月工资3500和押金500; but 2025和2026年."""
_UNIT_ALONE = re.compile(r"[十百千万亿拾佰仟萬wWkK]+[多余来]?$")
_BIG = re.compile(r"[十百千万萬佰仟拾wWkK]")
_CLAUSE_END = re.compile(
    r"[元块余多左右出头的整样子]{0,5}(?:我认|[，。；！？,;!?、）)\s]|$|不见|[都还也]?没|打了?水漂|拿不)"
)
_OF_IT = re.compile(
    r"[元块钱]{0,2}(?:(?:一直|至今|到现在|现在还)(?:空|没|未|不|拖|欠|压)|的(?:事|账|工钱|血汗钱)|(?:一分钱?|全部?|都|还|也)?(?:没|未)(?:付|给|发|结|拿))"
)
"""那3万2的事; 后头的六万三一分没付."""
_HEADS = re.compile(r"[欠差](?:我们|他们|她们|咱们)?(?:\d{1,3}|[一二两三四五六七八九十]{1,3})个$")
"""欠我们5个3万."""
_MONTH_BEFORE = re.compile(
    r"(?<![\d一二三四五六七八九十])(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份?的?$"
)
_RATE_BEFORE = re.compile(
    r"(?:时薪|一天|每天|日薪|每小时|一小时|一个小时|日工资)(?:是|为|只有|给|：|:)?$"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """`part`, `unit`: names of figures.toml; no unit = no rate. `before`: the words of its clause before it."""

    part: str
    unit: str
    fen: int
    start: int
    end: int
    before: str


def sums(words: Figures, text: str) -> Iterator[Sum]:
    """In a masked text, by place; a range counts at its lower bound."""
    skip = 0
    for found in numbers.RUN.finditer(text):
        start, end = found.span()
        if text[end - 1] == "一" and end - start > 1 and _ONE_MORE.match(text, end - 2):
            end -= 1  # 120一天, 九千八一直
        if start < skip or not _is_money(words, text, start, end):
            continue
        upper = _UPPER.match(text, end)
        if upper:
            skip = end = upper.end()
        fen = numbers.amount_fen(text[start:end])
        if fen is not None and FEN_MIN <= fen <= numbers.FEN_MAX:
            before = clause_before(text, start, WINDOW_CHARS)
            part = _part(words, before, text, end)
            unit = _unit(words, before, text, end, part)
            yield Sum(part, unit, fen, start, end, before)


def _is_money(words: Figures, text: str, start: int, end: int) -> bool:
    before = text[max(0, start - WINDOW_CHARS) : start]
    alone = bool(_UNIT_ALONE.match(text[start:end]))
    if before.endswith(("第", "几", "□", "数")):
        return False
    if _MONEY_AFTER.match(text, end):
        return not alone or text.startswith(("把", "来", "余", "多"), end)
    return not alone and not _counts(words, text, end) and _speaks(words, text, start, end, before)


def _counts(words: Figures, text: str, end: int) -> bool:
    """Something else is counted."""
    if _AND_MORE.match(text, end):
        return False
    about = _ABOUT.match(text, end)
    return text.startswith(words.counters, about.end() if about else end)


def _speaks(words: Figures, text: str, start: int, end: int, before: str) -> bool:
    """Without 元: a rate, a word that speaks of money before it, or a clause of its own."""
    written, rate = text[start:end], _RATE_AFTER.match(text, end)
    if (numbers.number(written) or 0) < 100:
        return bool(rate or _RATE_BEFORE.search(before))
    if rate or words.cue.search(before) or _HEADS.search(before):
        return True
    of_month = _MONTH_BEFORE.search(before)
    if (of_month or _BIG.search(written)) and _OF_IT.match(text, end):
        return True
    begins = before[-1:] in "，。；！？,;!? 、：:）)" or of_month
    alone = begins and _CLAUSE_END.match(text, end)
    return bool(alone and (_BIG.search(written) or 3 <= len(written) <= 6))


def _part(words: Figures, before: str, text: str, end: int) -> str:
    """The nearest word that says what a sum is."""
    if _DEPOSIT_AFTER.match(text, end) or (
        words.private.search(before) and not _WAGES.search(before)
    ):
        return "deposit"
    if _PRICE_AFTER.match(text, end):
        return "price"
    if _NOTE_AFTER.match(text, end):
        return "total"
    said = words.parts.findall(before)
    return words.part_of[said[-1]] if said else "plain"


_NOT_OF_A_TOTAL = ("底薪", "基本工资", "保底")
"""底薪加手工费八月九月一共8350."""
_WITH_MORE = re.compile(r"(?:底薪|基本工资|保底)(?:加|和|、|连)[^，。；\d]{1,6}$")
"""8月、9月底薪加提成7300元没发."""


def _unit(words: Figures, before: str, text: str, end: int, part: str) -> str:
    hit = _RATE_AFTER.match(text, end)
    if hit:
        return hit.lastgroup or ""
    said = words.rates.findall(before)
    if not said:
        return ""
    if said[-1] in _NOT_OF_A_TOTAL and (part == "total" or _WITH_MORE.search(before)):
        return ""
    return words.rate_of[said[-1]]
