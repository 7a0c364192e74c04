"""A 被投诉单位 without a word for a workplace: who is worked for (在海底捞做服务员), whose boss owes."""

import re
from collections.abc import Iterator, Sequence

from services.intake.core.employer_candidates import Candidate
from services.intake.core.employer_name import usable
from services.intake.core.gazetteer import Mention, mentions_between
from services.intake.core.lexicon import Seen
from services.intake.core.words import Workplaces

FRAMED, POINTS, BY_PLACE = 0.6, 3, 2
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
_AT_PLACE = re.compile(
    rf"的?(?![开打卖送跑帮当学修装扎砌贴刷搬摘种挖扫看守捡喂洗卸拉])(?P<name>[^{_NOT_IN}]{{2,10}}(?=那边|那里)|[^{_NOT_IN}]{{3,10}}?)(?:那边|那里)?(?:做|开|干活|干了|打工|上班|搞|当|收银|端盘子|洗碗|洗菜|传菜|切菜|配菜|看店|看门|看大门|卖货|理货|送货|送餐|分拣|装卸|开叉车|开炉)"
)
"""七里界村巧手绣品做钉珠: directly behind a place."""
_DOES = re.compile(
    rf"[^，。；]{{0,6}}?(?:做|卖|分拣|生产|加工)[^，。；的]{{1,6}}的(?P<name>[^{_NOT_IN}]{{2,4}})(?<![工员人师姐哥嫂叔婆班活事厂店])(?=[，,。])"
)
"""柯营村做塑料筐子的鑫旺，…: what it does, before its name."""
_SITE = re.compile(r"的(?:工地|项目)(?:上|里)?(?=[，。；做干打搞贴扎砌搬])")
_BEFORE = re.compile(rf"[^{_NOT_IN}]{{2,{FRAME_CHARS_MAX}}}$")

PERSON = 0.5
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱郭林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范石廖贾"
    "夏韦付邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵覃武严占柯"
)
"""The commonest that are no other word as well: 万一, 钱没给, 向我."""
_LEADER = re.compile(
    r"(?:带班|包工头|工头|班头|大包|小包|承包人|包[塘活山地田林](?:的|人)?|老板(?:是|叫|名叫))的?(?:是|叫|名叫)?"
    rf"(?P<name>[{_SURNAMES}](?![某总姐哥叔伯姓老先女师经不没都还也就是在了的])"
    r"(?:[\u4e00-\u9fff](?=欠|差我|差他|拖|手下)|(?!.某)[\u4e00-\u9fff]{2}(?=欠|差|拖|没|不|挖|干|做|种|盖|喊|请|找|说|手下|那里|[，。；、（(]|$)))"
)


def leader(text: str) -> Seen | None:
    """带班的陈水生欠: a person who employs, by the full name; 李某 and 王总 name nobody."""
    hit = _LEADER.search(text)
    return hit.span("name") if hit else None


def framed(words: Workplaces, places: Sequence[Mention], text: str) -> Iterator[Candidate]:
    """Less likely than a name with a word for a workplace in it, likelier than a bare 饭店."""
    frames = (*_worked_for(text), *_before(_OWES, text), *_before(_SITE, text))
    at_place = [
        hit.span("name")
        for one in places
        if (hit := _AT_PLACE.match(text, one.end) or _DOES.match(text, one.end))
    ]
    for begins, end in (*frames, *at_place):
        start = max((one.end for one in mentions_between(places, begins, end)), default=begins)
        while start < end and text[start] in "一家个某处间":
            start += 1
        name = text[start:end]
        low, high = NAME_CHARS
        if low <= len(name) <= high and usable(words, name) and not words.no_frame.search(name):
            points = BY_PLACE if (begins, end) in at_place else POINTS
            yield Candidate(start, end, points, FRAMED)


def _worked_for(text: str) -> Iterator[Seen]:
    return (hit.span("name") for hit in _WORKED.finditer(text))


def _before(frame: re.Pattern[str], text: str) -> Iterator[Seen]:
    """What stands before a boss who owes, before a site: those are rarer than what a name may begin with."""
    floor = 0
    for hit in frame.finditer(text):
        name = _BEFORE.search(text, max(floor, hit.start() - FRAME_CHARS_MAX), hit.start())
        floor = hit.end()
        if name:
            yield name.span()
