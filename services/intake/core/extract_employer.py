"""被投诉单位 in a text: a quoted name, then `单位是…`, then the likeliest word for a workplace."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from schemas.matter import Employer
from services.intake.core.employer_candidates import BOUND, Candidate, candidates
from services.intake.core.employer_frames import PERSON, framed, leader
from services.intake.core.employer_name import is_bare, normalised, usable
from services.intake.core.gazetteer import Gazetteer, Mention, mentions_between
from services.intake.core.lexicon import Scan
from services.intake.core.passage import Passage
from services.intake.core.words import Workplaces

COLUMN, QUOTED, CUED = 1.0, 0.95, 0.9
CUED_CHARS_MAX = 20
_QUOTE = re.compile(r"[「“\"『《【‘]([^「」“”\"『』《》【】‘’]{2,20})[」”\"』》】’]")
_CALLED = re.compile(
    r"(?:叫|名为|名叫|单位|公司|店|家|道|镇|区|村|社区|在|的|是|为|：|:|名称|名|字号|招牌)$"
)
_CUE = re.compile(
    r"(?=[单公企厂店饭工商机名家馆站网学中超楼物屋院园场坊吧行平部摊子的叫厅])"  # most characters are none of these
    r"(?:(?:单位|公司|企业|厂子?|店|饭店|工厂|商家|机构)(?:名称|全称|名字|名)?(?:是|为|叫做|叫|：|:)|"
    r"(?:店名|厂名|[厅店厂馆]名字)(?:是|为|叫|：|:)?|(?:名字|名称)(?:是|为|：|:)|"
    r"(?:店|厂|家|公司|馆|单位|站点|网点|名字|名称|机构|学校|中心|站|企业|超市|楼|家政|物业|屋|院|园|场|坊|吧|行|平台|部|摊|子)(?:的?名字?)?就?"
    r"(?:叫做|名叫|名为|叫|是叫)|的就?叫做?|(?<=[，。；,])名?叫做?)"
    r"([^，。；！？,;!?：:（(“”\"「」\s、]{2,30})"
)
_CALLED_SO = re.compile(
    r"[个家间处]名?叫做?([^，。；！？,;!?：:（(“”\"「」\s、的]{2,12})的(?=[^，。；]{1,6})"
)
"""一个叫众力模具的厂: the name, and what bears it."""
_COMMA_CALLED = re.compile(
    r"，(?:店名|厂名|名字)?叫做?([^，。；！？,;!?：:（(“”\"「」\s、的]{2,8})(?=[，。；（(]|$)"
)
_SPEECH = re.compile(r"[了吗呢吧的我你他，。！？,]|工资|费$|钱$|款$")
"""问就是“工资里头包干了”: what somebody said or wrote."""
_SPOKEN = re.compile(r"(?:说|讲|喊|问|一句话?)[：:，]?(?:一?句)?$")
"""说一句“找劳务”; but 说是“恒通劳务”的."""
_PERSON_CALLED = re.compile(
    r"(?:带班|班长|工头|老板|师傅|外号|绰号|这个人|人)(?:的?外号)?(?:叫|是|叫做)$"
)
_FOLLOWS = re.compile(
    r"(?=[外承分总劳派用施中实归大])(?:(?:外包|承包|分包|总包|劳务|派遣|用工|施工|中标|实施|归口)(?:单位|公司)(?:是|为|叫|：|:)?|(?:总包|大包|分包)(?:是|为))"
    r"([^我你他她它不没有在做来去走说人某老拖欠被把要会了的该这那\s，。；、（）\d]{4,14})(?=[，。；,;（(]|$)"
)
"""外包单位华诚炉料，拖欠…: the name fills its clause."""
BEARER_CHARS_MAX = 3
_NO_NAME = re.compile(
    r"我|你|他|她|它|咱|俺|人|老板|工人|员工|什么|啥|不|没|有|在|做|一个|一家|两|几|来|去|走|回|停|先|干|按|因|由于|已|该|"
    r"这|那|为了|要|会|把|被|拖|欠|滚|别|大家|警察|保安|车|了"
)
_TRAIL = re.compile(
    r"工作|上班|打工|做工|干活|务工|做事|做了|干了|的|老板|拖欠|欠|不发|没发|没给|不给|一直|至今|已经|从|在|位于|里|那里|那边|"
    r"门店|处|要求|我|电话|克扣|未|不|没|也|就|都|地址"
)


def employer_of(
    name: str, gazetteer: Gazetteer, passage: Passage, start: int = 0, confidence: float = COLUMN
) -> Employer:
    return Employer(
        name=name[:200],
        normalised=normalised(name, gazetteer)[:200],
        confidence=confidence,
        span=passage.span(start, start + len(name)),
    )


def named(words: Workplaces, gazetteer: Gazetteer, texts: tuple[Passage, ...]) -> Employer | None:
    """Content before title."""
    for passage in texts:
        found = _named(words, passage) if passage.free else None
        if found:
            start, name, confidence = found
            return employer_of(name, gazetteer, passage, start, confidence)
    return None


def _named(words: Workplaces, passage: Passage) -> tuple[int, str, float] | None:
    scan = words.lexicon.scan(passage.masked)
    for start, name in _quoted(words, scan, passage):
        return start, name, QUOTED
    for start, name in _cued(words, scan, passage):
        return start, name, CUED
    found = [
        *candidates(words, scan, passage.mentions, passage.masked),
        *framed(words, passage.mentions, passage.masked),
    ]
    best = max(found, key=_rank, default=None)
    if best is None or best.points < 0:
        person = leader(passage.masked)
        return (person[0], passage.text[slice(*person)], PERSON) if person else None
    return best.start, passage.text[best.start : best.end], best.confidence


def _rank(one: Candidate) -> tuple[int, int, int]:
    """Of equals the earlier, of those the longer: 沁园春茶楼 before 沁园."""
    return one.points, -one.start, one.end


def _quoted(words: Workplaces, scan: Scan, passage: Passage) -> Iterator[tuple[int, str]]:
    for found in _QUOTE.finditer(passage.text):
        kinds = scan.of("kinds")
        index = bisect_left(kinds, (found.end(),))
        follows = index < len(kinds) and kinds[index][0] - found.end() <= 2
        called = _CALLED.search(passage.text, max(0, found.start() - 4), found.start())
        if called and _SPEECH.search(found[1]) and not follows:
            continue
        if _SPOKEN.search(passage.text, max(0, found.start() - 6), found.start()):
            continue
        if _PERSON_CALLED.search(passage.text, max(0, found.start() - 8), found.start()):
            continue
        if passage.text.startswith(("工地", "项目", "小区", "楼盘"), found.end()):
            continue  # “临湖雅苑”工地 is where, not who
        looks = follows or called or _ends(scan, *found.span(1))
        if looks and usable(words, found[1]) and not _NO_NAME.match(found[1]):
            yield found.start(1), found[1]


def _ends(scan: Scan, start: int, end: int) -> bool:
    """With a word for a workplace at its end."""
    for name in ("kinds", "trades"):
        seen = scan.of(name)
        for index in range(bisect_left(seen, (start,)), len(seen)):
            if seen[index][0] >= end:
                break
            if seen[index][1] == end:
                return True
    return False


def _cued(words: Workplaces, scan: Scan, passage: Passage) -> Iterator[tuple[int, str]]:
    yield from _borne(words, scan, passage)
    yield from _named_after(words, scan, passage)
    yield from _after_kind(words, passage)
    text = passage.masked
    for found in _CUE.finditer(text):
        start, end = _after_places(passage.mentions, text, *found.span(1))
        if _NO_NAME.match(text, start):
            continue
        end = _name_end(scan, text, start, end)
        name = passage.text[start:end]
        if found[0].startswith(("叫", "名叫")) and not _ends(scan, start, end):
            continue
        if any(one.text == name for one in mentions_between(passage.mentions, start, end)):
            continue  # 公司是鄂城区的
        if usable(words, name) and not is_bare(words, name) and len(name) <= CUED_CHARS_MAX:
            yield start, name


def _borne(words: Workplaces, scan: Scan, passage: Passage) -> Iterator[tuple[int, str]]:
    for found in _CALLED_SO.finditer(passage.masked):
        if _bears(scan, found.end()) and usable(words, found[1]) and not _NO_NAME.match(found[1]):
            yield found.start(1), passage.text[slice(*found.span(1))]


def _named_after(words: Workplaces, scan: Scan, passage: Passage) -> Iterator[tuple[int, str]]:
    """那个关了门的火锅店，叫蜀香源: a kind, and behind the comma its name."""
    ends = {end for _, end in scan.of("kinds")}
    for found in _COMMA_CALLED.finditer(passage.masked):
        if found.start() in ends and usable(words, found[1]) and not _NO_NAME.match(found[1]):
            yield found.start(1), passage.text[slice(*found.span(1))]


def _after_kind(words: Workplaces, passage: Passage) -> Iterator[tuple[int, str]]:
    for found in _FOLLOWS.finditer(passage.masked):
        start, end = _after_places(passage.mentions, passage.masked, *found.span(1))
        name = passage.text[start:end]
        if usable(words, name) and not is_bare(words, name):
            yield start, name


def _bears(scan: Scan, at: int) -> bool:
    """A word for a workplace follows closely."""
    kinds = scan.of("kinds")
    index = bisect_left(kinds, (at,))
    return index < len(kinds) and kinds[index][0] - at <= BEARER_CHARS_MAX


def _name_end(scan: Scan, text: str, start: int, end: int) -> int:
    """Before what cannot be a name; yet after a word for a workplace that follows at once (的, 在, 里)."""
    trail = _TRAIL.search(text, start + 1, end)
    if trail is None or (trail.group() == "里" and trail.end() == end):
        return end  # 店名叫拾光里，…
    stop = trail.start()
    if trail.group()[0] not in "的在里" or _ends(scan, start, stop):
        return stop
    kinds = scan.of("kinds")
    for index in range(bisect_left(kinds, (start + 1,)), len(kinds)):
        if kinds[index][0] >= end:
            break
        if stop <= kinds[index][1] <= end and not BOUND.search(text, stop, kinds[index][1]):
            return kinds[index][1]
    return stop


def _after_places(places: Sequence[Mention], text: str, start: int, end: int) -> tuple[int, int]:
    """古楼街道的恒信商贸: the name begins after the place."""
    for place in mentions_between(places, start, end - 2):
        if place.start <= start + 4 and place.meaning.kind != "elsewhere":
            start = place.end
    while start < end and text[start] in "的在一家个是":
        start += 1
    return start, end
