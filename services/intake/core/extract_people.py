"""人数: how many workers the matter is about; an approximate figure counts at its lower bound."""

import re

from schemas.matter import Span
from services.intake.core import numbers
from services.intake.core.passage import Passage

_WHO = "工人|员工|农民工|民工|工友|同事|职工|师傅|服务员|保洁员|保安|厨师|技师|劳动者|人"
_N = r"\d{1,4}|几十|[一二两三四五六七八九十百]{1,4}几?"
_PEOPLE = re.compile(rf"({_N})(?:多|余|来|几)?(?:个|名|位|号|口)?(?:多|来)?(?:{_WHO})")
_PAIR = re.compile(
    r"夫妻(?:俩|二人|两人)?|两口子|我们俩|我俩|俩人|他俩|她俩|父子|母女|兄弟俩|姐妹俩"
)
_NOT_BEFORE = re.compile(
    r"(?:第|每|公司有|公司共有|单位有|单位共有|厂里有|店里有|全厂|全公司|规模|某|另|合伙|之)$"
)
_NOT_AFTER = re.compile(r"^(?:合伙|开的|间|次|民币|均|老板|事|社|力|家|管|负责)")
PEOPLE_MAX = 100_000


def people(texts: tuple[Passage, ...]) -> tuple[int, Span] | None:
    """The largest number of workers a text names; the size of the firm does not count."""
    for passage in texts:
        found = _in(passage) if passage.free else []
        if found:
            return max(found, key=lambda pair: pair[0])
    return None


def _in(passage: Passage) -> list[tuple[int, Span]]:
    text, found = passage.masked, []
    for hit in _PEOPLE.finditer(text):
        before, after = text[max(0, hit.start() - 4) : hit.start()], text[hit.end() : hit.end() + 2]
        if _NOT_BEFORE.search(before) or _NOT_AFTER.match(after):
            continue
        count = _count(hit[1])
        if 1 <= count <= PEOPLE_MAX and not (count == 1 and hit[1] == "一"):
            found.append((count, passage.span(hit.start(), hit.end())))
    pair = _PAIR.search(text)
    if pair and not found:
        found.append((2, passage.span(pair.start(), pair.end())))
    return found


def _count(written: str) -> int:
    """几十 = twenty or more."""
    if written == "几十":
        return 20
    return int(numbers.number(written) or 0)
