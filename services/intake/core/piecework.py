"""计件: so much a piece times so many pieces, both said in one text: 做了一千二百斤，每斤一块五."""

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from services.intake.core import numbers
from services.intake.core.lexicon import Seen

PIECES_MAX, RATES_MAX = 1_000_000, 4
_UNIT = "斤|公斤|吨|件|套|双|条|包|根|块砖|只|台|车|趟|单|平方米|平方|平米|平|方|亩|箱|筐|袋|棵|株|米|页"
_N = rf"\d[\d.]{{0,8}}|[{numbers.CHARS}]{{1,8}}"
_PRICE = rf"({_N})(元|块|毛|角|分)(钱|\d|[一二三四五六七八九](?![十百千]))?"
_RATES = (
    re.compile(rf"(?:每|一)({_UNIT})(?:货|砖|鱼|树)?(?:是|给|算|按|为|工钱|工资|只)?{_PRICE}"),
    re.compile(rf"{_PRICE}(?:/|一|每)({_UNIT})"),
)
_COUNT = re.compile(rf"(?<![\d.每])({_N})(?:多|余|来)?({_UNIT})(?!砖|鱼|里)")
_FEN = {"元": 100, "块": 100, "毛": 10, "角": 10, "分": 1}


@dataclass(frozen=True, slots=True)
class Piecework:
    """`rate`, `count`: where they stand."""

    fen: int
    rate: Seen
    count: Seen


def piecework(text: str) -> Piecework | None:
    """The first rate whose unit is counted elsewhere in the text."""
    for number, pattern in enumerate(_RATES):
        for hit in islice(pattern.finditer(text), RATES_MAX):
            unit, price = (hit[1], hit.groups()[1:]) if number == 0 else (hit[4], hit.groups()[:3])
            found = _counted(text, unit, hit.span(), _price_fen(*price))
            if found:
                return found
    return None


def _counted(text: str, unit: str, rate: Seen, price_fen: Decimal) -> Piecework | None:
    for hit in _COUNT.finditer(text):
        pieces = numbers.number(hit[1]) or Decimal(0)
        apart = hit.end() <= rate[0] or hit.start() >= rate[1]
        if apart and hit[2][0] == unit[0] and 1 < pieces <= PIECES_MAX:
            return Piecework(int(pieces * price_fen), rate, hit.span())
    return None


def _price_fen(written: str, coin: str, rest: str | None) -> Decimal:
    """一块五 = 150; 3毛 = 30."""
    value = (numbers.number(written) or Decimal(0)) * _FEN[coin]
    tail = numbers.number(rest) if rest and rest != "钱" else None
    return value + (tail or Decimal(0)) * _FEN[coin] / 10
