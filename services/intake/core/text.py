"""Cleaning of what people typed: one character stays one character, so that spans keep their meaning."""

import re
import unicodedata

NULLS = frozenset({"", "无", "/", "-", "--", "null", "none", "nan", "不详", "未知", "未提供"})
"""Spellings of 'not given' (空值)."""

_FULL = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}  # ０-９
_FULL |= {code: code - 0xFEE0 for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FULL |= {0xFF0E: ord("."), 0xFF0D: ord("-"), 0xFF0B: ord("+"), 0xFF0F: ord("/"), 0xFFE5: ord("¥")}
_FULL |= {0x3000: ord(" "), 0xA0: ord(" "), 0x2014: ord("-"), 0x2013: ord("-"), 0xFF5E: ord("~")}


_MARKS = frozenset("，。；！？,;!?\n")
_UNMARKED = re.compile(f"[^{''.join(sorted(_MARKS))}]*")


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
    floor = max(0, at - chars)
    start = at
    while start > floor and text[start - 1] not in _MARKS:
        start -= 1
    return text[start:at]


def clause_after(text: str, at: int, chars: int) -> str:
    """Up to `chars` characters from `at`, within the same clause (分句)."""
    found = _UNMARKED.match(text, at, at + chars)
    return found.group() if found else ""


_COMMA = re.compile(r"[，,：:?？。；;！!…\n]")
_STOP = frozenset("。；;！!？?\n")


def breaks_of(text: str) -> tuple[list[int], list[int]]:
    """Where clauses (分句) end, and where sentences do; a comma inside a number ends nothing."""
    commas = [
        hit.start()
        for hit in _COMMA.finditer(text)
        if not (
            hit.group() in ",，:："
            and text[hit.start() - 1 : hit.start()].isdigit()
            and text[hit.end() : hit.end() + 1].isdigit()
        )
    ]
    return commas, [at for at in commas if text[at] in _STOP]
