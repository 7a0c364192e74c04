"""被投诉单位 as a name: its normal form, and what is no name of anybody."""

import re

from services.intake.core.gazetteer import Gazetteer
from services.intake.core.words import Workplaces

NAME_CHARS_MAX = 30
_CITY = re.compile(r"^(?:湖北省?)?(?:鄂州市?)?(?:鄂城区?)?")
_LEGAL = re.compile(r"(?:有限责任公司|股份有限公司|有限公司|集团公司|集团|分公司|公司)$")
_BRACKET = re.compile(r"[（(][^（）()]{0,20}[）)]")
_SIZE = re.compile(r"^(?:[某大小老新黑个旧本该]|一家|家庭|外地)*")
_SUM = re.compile(r"\d\d[元块]")
UNKNOWN = frozenset(
    {
        "不知道",
        "不清楚",
        "不详",
        "未知",
        "不明",
        "暂无",
        "无",
        "个人",
        "私人老板",
        "不记得",
        "记不清",
        "无名",
    }
)


def normalised(name: str, gazetteer: Gazetteer) -> str:
    """Without brackets, province, city, district, leading town, legal form; never empty."""
    short = _BRACKET.sub("", name).replace(" ", "")
    short = _CITY.sub("", short) or short
    first = next(iter(gazetteer.find(short)), None)
    if (
        first
        and first.start == 0
        and len(short) - first.end >= 3
        and first.meaning.kind != "elsewhere"
    ):
        short = short[first.end :]
    return _LEGAL.sub("", short) or short or name


def is_bare(words: Workplaces, name: str) -> bool:
    """A kind of workplace and no name: 餐馆, 小饭店. 某餐馆 stands for a name that was left out."""
    return name in words.kinds or (_SIZE.sub("", name) in words.kinds and "某" not in name)


def is_common(words: Workplaces, name: str) -> bool:
    """Bare, or a trade and a kind: 物流公司. A name proper goes before it."""
    if is_bare(words, name):
        return True
    rest = _SIZE.sub("", name)
    cuts = range(max(0, len(rest) - 6), len(rest))
    return "某" not in name and any(
        rest[at:] in words.kinds and rest[:at] in words.trades for at in cuts
    )


def is_nobody(words: Workplaces, name: str) -> bool:
    """足浴店, 物流公司, 物业: a trade and no name."""
    return name in words.generic or name in words.trades or is_common(words, name)


def usable(words: Workplaces, name: str) -> bool:
    if not 2 <= len(name) <= NAME_CHARS_MAX or name in words.generic or name in UNKNOWN:
        return False
    rest = name.lstrip("某一")
    if rest in words.never or (rest in words.generic and rest == name):
        return False
    if rest[1:] in words.generic and len(rest[1:]) > 1:
        return False  # 到期公司, 本公司
    return not (_SUM.search(name) or any(word in name for word in words.offices))
