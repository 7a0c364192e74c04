"""Numbers that are neither money nor people: phones, ID numbers, credit codes, dates, times, bank cards."""

import re

from services.intake.core.text import clause_before

MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}[- ]?\d{7,8})(?!\d)")
_HIDDEN = re.compile(
    r"(?=[\d+A-Za-z])(?:"  # what follows begins so; most characters do not
    r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"
    r"|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"
    r"|(?<![0-9A-Za-z])(?:\d{17}[0-9Xx]|[0-9A-Z]{18})(?![0-9A-Za-z])"  # 身份证号, 统一社会信用代码
    r"|(?<!\d)(?:\d{16,19}(?!\d)"  # 银行卡号
    r"|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{4}年|\d{4}[-/.]\d{1,2}(?![\d元块万])"
    r"|\d{1,2}月\d{1,2}[日号]|\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
    r"|\d{7,8}(?!\d)(?!元|块))"  # a local number without area code
    r"|[A-Za-z]{2,6}-?\d[\d-]{5,20}"  # 工单号
    r"|(?<!\d)(?:12345|12333|12348)(?!\d|元|块))"  # 热线
)
_DIGITS = re.compile(r"\d{4}|\d[月:：]\d")
FILL = "□"
_OWN = re.compile(r"[（(]?(?:系|是|为)?本人")
_THEIRS = ("老板", "单位", "负责人", "公司", "店长", "法人", "经理", "厂长", "对方", "企业")


def mask(text: str) -> str:
    """The same length; what is hidden is no number any more."""
    if not _DIGITS.search(text):
        return text
    return _HIDDEN.sub(lambda found: FILL * len(found.group()), text)


def phone(text: str) -> str:
    """Digits of the first claimant's phone in a text: a mobile, else a landline; not the employer's."""
    for pattern in (MOBILE, LANDLINE):
        for found in pattern.finditer(text):
            before = clause_before(text, found.start(), 8)  # 经理不认。电话139…: the caller's
            if not any(word in before for word in _THEIRS):
                return "".join(char for char in found[1] if char.isdigit())
    return ""


def own_phone(text: str) -> str:
    """13900090034（妻）；13900090010（本人）: digits of the number that is said to be the claimant's own."""
    found = next((one for one in MOBILE.finditer(text) if _OWN.match(text, one.end())), None)
    return "".join(char for char in found[1] if char.isdigit()) if found else ""


def phones(cell: str) -> tuple[str, ...]:
    """Every number of a phone column, extension dropped, local numbers with the area code 0711."""
    found = [hit[1] for pattern in (MOBILE, LANDLINE) for hit in pattern.finditer(cell)]
    digits = ["".join(char for char in one if char.isdigit()) for one in found]
    if digits:
        return tuple(digits)
    local = re.search(r"(?<!\d)[2-8]\d{2,3}-?\d{4}(?!\d)", cell)
    return ("0711" + local.group().replace("-", ""),) if local else ()
