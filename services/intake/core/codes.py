"""Check characters of the two codes that people copy wrongly."""

import re

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_USCC_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ID = re.compile(r"^[0-9]{17}[0-9X]$")
_USCC = re.compile(rf"^[{_USCC_CHARS}]{{18}}$")


def is_id_number(text: str) -> bool:
    """公民身份号码 with its check character (GB 11643-1999)."""
    if not _ID.match(text):
        return False
    total = sum(int(char) * weight for char, weight in zip(text[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECK[total % 11] == text[17]


def is_uscc(text: str) -> bool:
    """统一社会信用代码 with its check character (GB 32100-2015)."""
    return bool(_USCC.match(text)) and uscc_check(text[:17]) == text[17]


def uscc_check(first: str) -> str:
    """The check character of the first seventeen."""
    total = sum(_USCC_CHARS.index(char) * pow(3, place, 31) for place, char in enumerate(first))
    return _USCC_CHARS[-total % 31]
