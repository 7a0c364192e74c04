"""Numbers as people write them: 六千二, 捌仟元整, 1.2万, 2万3千5, 45万余, 15000-16000 (lower bound)."""

import re
from decimal import Decimal

DIGITS = {char: value for value, chars in enumerate(
    ("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for char in chars}  # fmt: skip
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000, "K": 1000}
MYRIADS = {"万": 10**4, "萬": 10**4, "w": 10**4, "W": 10**4, "亿": 10**8}
CHARS = "".join(DIGITS) + "".join(UNITS) + "".join(MYRIADS)
_TOKEN = re.compile(rf"\d+(?:\.\d+)?|[{CHARS}]")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_RANGE = re.compile(r"[-~至到]")
RUN = re.compile(
    rf"(?:\d|[{CHARS}])(?:(?<=\d)[,，](?=\d{{3}}(?!\d))|\.(?=\d)|[\d{CHARS}多余来几])*"
)
"""One written number, linear: no two alternatives begin alike."""
FEN_MAX = 10**13  # a hundred thousand million yuan: more is a mistake


def number(text: str) -> Decimal | None:
    """The value of one written number, without currency; the lower bound of an approximate one."""
    plain = _THOUSANDS.sub("", text) if "," in text or "，" in text else text
    if plain.isdecimal():
        return Decimal(plain)
    tokens = _TOKEN.findall(plain)
    if not tokens:
        return None
    if all(part in DIGITS for part in tokens) and len(tokens) > 1:
        return _digits(tokens)
    return _value(tokens)


def _digits(tokens: list[str]) -> Decimal:
    """七八 = about seven; 二零二五 = a row of digits."""
    values = [DIGITS[part] for part in tokens]
    if len(values) == 2 and values[1] == values[0] + 1:
        return Decimal(values[0])
    return Decimal("".join(map(str, values)))


def _value(tokens: list[str]) -> Decimal:
    total = section = Decimal(0)
    current: Decimal | None = None
    last, zero = 1, False
    for part in tokens:
        if part in UNITS:
            section += (Decimal(1) if current is None else current) * UNITS[part]
            current, last, zero = None, UNITS[part], False
        elif part in MYRIADS:
            section += current or 0
            total, section = (total + (section or 1)) * MYRIADS[part], Decimal(0)
            current, last, zero = None, MYRIADS[part], False
        elif part in "零〇":
            zero = True
        elif current is None:  # a second digit is the upper bound of 七八十
            current = Decimal(DIGITS[part]) if part in DIGITS else Decimal(part)
    return total + section + _tail(current, last, zero)


def _tail(current: Decimal | None, last: int, zero: bool) -> Decimal:
    """一万八 = 18 000: a last digit without unit is one tenth of the unit before."""
    if current is None:
        return Decimal(0)
    return current * last / 10 if last >= 100 and not zero and current < 10 else current


def amount_fen(text: str) -> int | None:
    """分 of a money field with its units and remarks; None where it names no number."""
    first, _, rest = _split_range(text)
    found = RUN.search(first)
    value = number(found.group()) if found else None
    if found is None or value is None:
        return None
    unit = next((char for char in rest if char in MYRIADS), "")
    if unit and value < 1000 and not any(char in MYRIADS for char in first):
        value *= MYRIADS[unit]  # 1.5-1.6万
    return int(value * 100)


def _split_range(text: str) -> tuple[str, str, str]:
    found = _RANGE.search(text)
    return (text[: found.start()], "-", text[found.end() :]) if found else (text, "", "")


def count(text: str) -> int | None:
    """人数 of a field such as `2人` or `二十来个`."""
    found = RUN.search(text)
    value = number(found.group()) if found else None
    return None if value is None else int(value)
