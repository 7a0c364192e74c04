"""A 被投诉单位 without a word for a workplace: who is worked for (在海底捞做服务员), whose boss owes."""

import re
from collections.abc import Iterator, Sequence

from services.intake.core.employer_candidates import Candidate
from services.intake.core.employer_name import usable
from services.intake.core.gazetteer import Mention, mentions_between
from services.intake.core.lexicon import Seen
from services.intake.core.words import Workplaces

FRAMED, POINTS = 0.6, 3
FRAME_CHARS_MAX = 24
NAME_CHARS = (2, 10)
_NOT_IN = r"我你他她它您这那哪里外内月日天号年时没不过把被给和跟与的了着您□\s，。；！？,;!?：:、（）()“”\"「」"
_WORKED = re.compile(
    rf"(?:在|于|给|帮|到|去|进)(?P<name>[^{_NOT_IN}]{{2,{FRAME_CHARS_MAX}}}?)(?:里|那里|那边)?"
    r"(?:上班|打工|做工|干活|工作|务工|做事|兼职|实习|任职|就职|帮工|当[^，。；]{1,6}|做[^，。；]{0,5}(?:[员工师厨]|主播)|送外卖|送快递|送货|端盘子|洗碗|开货车|跑车|看店|带课|驻唱)"
)
_OWES = re.compile(
    r"的?(?:老板娘?|店长|厂长|校长|院长|负责人|经理)"
    r"(?:一直|至今|总是|现在)?(?:还)?(?:拖|欠|克扣|不发|不给|没给|没发|扣|说|跑|失联|不见)"
)
_BEFORE = re.compile(rf"[^{_NOT_IN}]{{2,{FRAME_CHARS_MAX}}}$")


def framed(words: Workplaces, places: Sequence[Mention], text: str) -> Iterator[Candidate]:
    """Less likely than a name with a word for a workplace in it, likelier than a bare 饭店."""
    for begins, end in (*_worked_for(text), *_owing(text)):
        start = max((one.end for one in mentions_between(places, begins, end)), default=begins)
        while start < end and text[start] in "一家个某处间":
            start += 1
        name = text[start:end]
        low, high = NAME_CHARS
        if low <= len(name) <= high and usable(words, name) and not words.no_frame.search(name):
            yield Candidate(start, end, POINTS, FRAMED)


def _worked_for(text: str) -> Iterator[Seen]:
    return (hit.span("name") for hit in _WORKED.finditer(text))


def _owing(text: str) -> Iterator[Seen]:
    """What stands before a boss who owes: those are rarer than what a name may begin with."""
    floor = 0
    for hit in _OWES.finditer(text):
        name = _BEFORE.search(text, max(floor, hit.start() - FRAME_CHARS_MAX), hit.start())
        floor = hit.end()
        if name:
            yield name.span()
