"""Cleaning of what people typed: one character stays one character, so that spans keep their meaning."""

import unicodedata

NULLS = frozenset({"", "无", "/", "-", "--", "null", "none", "nan", "不详", "未知", "未提供"})
"""Spellings of 'not given' (空值)."""

_FULL = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}  # ０-９
_FULL |= {code: code - 0xFEE0 for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FULL |= {0xFF0E: ord("."), 0xFF0D: ord("-"), 0xFF0B: ord("+"), 0xFF0F: ord("/"), 0xFFE5: ord("¥")}
_FULL |= {0x3000: ord(" "), 0xA0: ord(" "), 0x2014: ord("-"), 0x2013: ord("-"), 0xFF5E: ord("~")}


def clean(text: str) -> str:
    """Half-width digits and letters; no control, zero-width, bidirectional or lone surrogate characters."""
    folded = text.translate(_FULL)
    if not folded.isprintable():
        folded = "".join(_kept(char) for char in folded)
    return folded.strip()


def _kept(char: str) -> str:
    if char in "\n\r\t\u2028\u2029":
        return " "
    return "" if unicodedata.category(char)[0] == "C" else char


def is_null(text: str) -> bool:
    return text.lower() in NULLS


def clause_before(text: str, at: int, chars: int) -> str:
    """Up to `chars` characters before `at`, within the same clause (分句)."""
    window = text[max(0, at - chars) : at]
    cut = max(window.rfind(mark) for mark in "，。；！？,;!?\n")
    return window[cut + 1 :]


def clause_after(text: str, at: int, chars: int) -> str:
    """Up to `chars` characters from `at`, within the same clause (分句)."""
    window = text[at : at + chars]
    cuts = [place for mark in "，。；！？,;!?\n" if (place := window.find(mark)) >= 0]
    return window[: min(cuts, default=chars)]
