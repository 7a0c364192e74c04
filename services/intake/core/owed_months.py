"""How many months of pay are owed, or were worked: 拖欠4个月, 两个半月, 仨月, 九十两月."""

import re

from services.intake.core import numbers
from services.intake.core.text import clause_after, clause_before

MONTHS_MAX = 60
_OWED_MONTHS = re.compile(
    r"(半)年|(一|两|三|1|2|3)年(?!多?前)|(\d{1,2}|十[一二]?|[一二两三四五六七八九])个(半)?多?月(半)?(?!零|后|前|以后|内|之内|一次)|(仨|俩)月|(个把)月"
)
_M = r"(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])"
_AND = r"(?:月份?)?[、和与]?"
_LISTED_MONTHS = re.compile(
    rf"(?=[\d一二三四五六七八九十])(?<![\d一二三四五六七八九十个第])"
    rf"{_M}{_AND}{_M}(?:([两2])|{_AND}{_M}([三3]))个?月(?!前|后|内|以)"
)
"""九十两月, 七、八、九三个月: named and counted, these are the months in question."""
_OWING = re.compile(r"欠|脱|没|未|拖|压|不发|不给|工资|薪|一分|工钱|白干|扣|差")
_OF_A_RATE = frozenset("0123456789千百元块")
"""2000一个月."""
WORKED = re.compile(
    r"干|做|上|工作|试|试用|加班|共|欠|工|送|跑|栽|摘|看|搬|跟|兼|站|一起|扣|没|待|累计|总计|前后|了"
)


def owed_months(text: str, said: re.Pattern[str] = _OWING) -> float | None:
    """拖欠4个月, 三个月没发工资, 半年的工资, 两个半月, 仨月: months owed; `said`: what must stand near them."""
    listed = _LISTED_MONTHS.search(text)
    if listed:
        return 2.0 if listed[1] else 3.0
    single = None
    for found in _OWED_MONTHS.finditer(text):
        near = clause_before(text, found.start(), 8) + clause_after(text, found.end(), 10)
        months = _months(found)
        if not said.search(near) or not 0 < months <= MONTHS_MAX:
            continue
        if months != 1:
            return months
        if text[max(0, found.start() - 1) : found.start()] not in _OF_A_RATE:
            single = single or months  # 一个月工资2800 is a rate: any other count goes before it
    return single


def _months(found: re.Match[str]) -> float:
    if found[1]:
        return 6.0
    if found[2]:
        return 12.0 * float(numbers.number(found[2]) or 0)
    if found[6]:
        return 3.0 if found[6] == "仨" else 2.0
    if found[7]:
        return 1.0
    return float(numbers.number(found[3]) or 0) + (0.5 if found[4] or found[5] else 0.0)
