"""金额: what is claimed, in fen. A remaining debt, else a stated total, else the sum owed, else wage × months."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.matter import Span
from services.intake.core import numbers
from services.intake.core.passage import Passage
from services.intake.core.text import clause_after, clause_before

Part = Literal["remaining", "total", "plain", "monthly", "each", "deposit", "paid"]
_MONEY_AFTER = re.compile(r"^\s?(?:余|多|来)?\s?(?:元|块|圆|RMB|人民币)")
_NOT_MONEY = re.compile(
    r"^\s?(?:多|余|来|几)?\s?(?:个|人|名|位|月|年|天|日|号|时|小时|点|岁|次|%|％|平|路|楼|室|层|台|件|单|家|折|倍|期|栋|幢|"
    r"种|条|级|公里|米|斤|吨|分钟|周|班|型|套|份|票|车|趟|口|旬|线|区|社|村|队|组|店|厂|一二|分没)"
)
_CUES = re.compile(
    r"(?:工资|欠薪|薪|欠|差我们?|共计|一共|合计|总共|总计|累计|共|大概|约|大约|差不多|得有|剩|还有|金额|钱|¥|款|费|每人|人均|月薪|底薪|支付|加起来|尾款)"
    r"[^\d，。；]{0,6}$"
)
_PARTS: tuple[tuple[Part, re.Pattern[str]], ...] = (
    ("deposit", re.compile(
        r"(?:押金|保证金|服装费|工服|培训费|罚款?|房租|中介费|社保费|扣了?|违约金|借款?)[^，]{0,4}$")),
    ("remaining", re.compile(r"(?:还欠|尚欠|仍欠|下欠|剩余|余下|还剩|剩下|还有|尾款|未付|未发)[^，]{0,8}$")),
    ("paid", re.compile(r"(?:已付|已发|只发|发了|付了|给了|支付了|结了|预支|借支|先给|只给|只付|生活费)[^，]{0,4}$")),
    ("total", re.compile(r"(?:共计|一共|合计|总共|总计|累计|加起来|总额|总金额|共欠|共)[^，]{0,10}$")),
    ("each", re.compile(r"(?:每人|人均|每个人|一人|一个人)[^，]{0,6}$")),
    ("monthly", re.compile(
        r"(?:月薪|(?<![个\d一二三四五六七八九十])月工资|每月|每个月|一个月|底薪|工资标准|月收入|基本工资|日薪|日工资|每天|一天|时薪|小时)[^，]{0,8}$")),
)  # fmt: skip
_RATE_AFTER = re.compile(r"^[元块]?\s?(?:/|每|一个|一)\s?(?:月|天|小时|个月)")
_DEPOSIT_AFTER = re.compile(r"^[元块]{0,2}(?:的)?(?:押金|保证金|罚款)")
_DAILY = re.compile(r"(?:日薪|日工资|每天|一天|时薪|小时)[^，]{0,8}$")
_OWED_MONTHS = re.compile(
    r"(?:(半)年|(一|两|三|1|2|3)年|(\d{1,2}|[一二两三四五六七八九十]{1,3})个(半)?多?月)"
)
_OWING = re.compile(r"欠|没|未|拖|压|不发|不给|工资|薪|一分")


@dataclass(frozen=True, slots=True)
class Sum:
    part: Part
    fen: int
    daily: bool
    span: Span


def amount(texts: tuple[Passage, ...], people: int | None) -> tuple[int, Span] | None:
    for passage in texts:
        if not passage.free:
            continue
        found = tuple(_sums(passage))
        chosen = _chosen(found, passage, people)
        if chosen:
            return chosen
    return None


def _sums(passage: Passage) -> Iterator[Sum]:
    text, skip = passage.masked, 0
    for found in numbers.RUN.finditer(text):
        start, end = found.span()
        value = numbers.number(found.group())
        if start < skip or value is None or not _is_money(text, start, end, found.group()):
            continue
        upper = re.match(
            r"[元块]?[-~至到](?=[\d一二三四五六七八九十])[\d.,一二三四五六七八九十百千万]+",
            text[end:],
        )
        if upper:
            skip = end + upper.end()
        fen = numbers.amount_fen(text[start:skip] if upper else found.group())
        if fen is not None and 1000 <= fen <= numbers.FEN_MAX:  # under ten yuan is no claim
            before = clause_before(text, start, 14)
            yield Sum(
                _part(before, text[end:]),
                fen,
                bool(_DAILY.search(before)),
                passage.span(start, end),
            )


def _is_money(text: str, start: int, end: int, written: str) -> bool:
    after = text[end : end + 6]
    if _MONEY_AFTER.match(after):
        return True
    if _NOT_MONEY.match(after) or text[max(0, start - 1) : start] in ("第", "几", "□"):
        return False
    value = numbers.number(written) or 0
    if value < 100:
        return False
    return bool(_CUES.search(text[max(0, start - 14) : start]))


def _part(before: str, after: str) -> Part:
    if _DEPOSIT_AFTER.match(after):
        return "deposit"
    if _RATE_AFTER.match(after):
        return "monthly"
    return next((part for part, pattern in _PARTS if pattern.search(before)), "plain")


def _chosen(sums: tuple[Sum, ...], passage: Passage, people: int | None) -> tuple[int, Span] | None:
    for part in ("remaining", "total", "plain"):
        of_part = [one for one in sums if one.part == part]
        if of_part:
            best = of_part[-1] if part != "plain" else of_part[0]
            return best.fen, best.span
    each = next((one for one in sums if one.part == "each"), None)
    if each:
        return each.fen * (people or 1), each.span
    rate = next((one for one in sums if one.part == "monthly" and not one.daily), None)
    months = owed_months(passage.masked)
    if rate and months:
        return int(rate.fen * months), rate.span
    return None


def owed_months(text: str) -> float | None:
    """拖欠4个月, 三个月没发工资, 半年的工资, 两个半月: months owed."""
    for found in _OWED_MONTHS.finditer(text):
        near = clause_before(text, found.start(), 8) + clause_after(text, found.end(), 8)
        if not _OWING.search(near):
            continue
        if found[1]:
            return 6.0
        if found[2]:
            return 12.0 * float(numbers.number(found[2]) or 0)
        return float(numbers.number(found[3]) or 0) + (0.5 if found[4] else 0.0)
    return None
