"""Every word for a workplace in a text as a possible 被投诉单位: where its name begins and ends, how likely it is."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.intake.core.employer_name import NAME_CHARS_MAX, is_bare, is_common, usable
from services.intake.core.gazetteer import Mention, mentions_between
from services.intake.core.lexicon import Scan, Seen, uncovered
from services.intake.core.words import Workplaces

NAMED, TRADE, BARE = 0.8, 0.7, 0.4
PROPER, UNNAMED, TRADED, WORK, OWES, ASSIGNED, LANDMARK, OWNER, OTHER = (
    6,
    3,
    5,
    2,
    2,
    6,
    -12,
    -8,
    -10,
)
"""[own] Points: a name proper, its place in the sentence, and what speaks against it."""
GAP_CHARS_MAX = 6
"""某酒店 + 管理 + 有限公司: what may stand between two parts of one name."""
CONTEXT_CHARS = 20
BOUND = re.compile(r"[，。；！？,;!?：:、（）()“”\"「」『』《》□>~\s\-—…/【】]")
_FRONT = re.compile(
    r"(?:该|这|那|此|本|各|每|等|\d{1,6}|[一二两三四五六七八九十几]{1,6})(?:家|个|间|名|位)|(?:该|这|那|此|本|各|每|\d{1,6})|"
    r"(?:家|间|所|处|座|等|了|着|过|市|区)(?=.)"
)
_BEFORE_KIND = frozenset("的个家镇乡街道村区湖矶林祖叶口山")
_STRONG = frozenset("在的我他她你您其是被于叫称")
_JOINING = frozenset("和与跟同或及等至向对原现里旁全因但而就都也还又才已说听")
_AT = re.compile(
    r"(?:在|于|入职|就职|任职|位于|位於|到|进|单位|去|反映|投诉|举报|我是|给|帮|被)[^，。；]{0,16}$"
)
_AFTER_TRADE = re.compile(
    r"(?:$|[，。；！？,;!?：:、（）()\s”」\"]|欠|拖|的|在|上班|工作|打工|干|做|老板|没|不|里|压|克扣|扣|从|以|自|位于|"
    r"地址|未|一直|至今|已|当|任|差|学徒|员工|技师|店员|服务员|师傅|保安|前台|收银|职工|工人|门店|那里|送|要|辞|离职|走的|出来|让|给|分|招|把|解|派|这|那|强|踩|开|扫|\d{1,2}月|[一二三四五六七八九十]{1,2}月|答应|承诺|夜班|白班|晚班|车间|切|卖|收银|看门|看店|洗|端|搬|焊|缝|磨|炒|喂)"
)
_ASSIGNED = re.compile(r"(?:承包|外包|发包|转包|分包|包)给(?:了)?$")
"""食堂承包给某公司: who took the work over employs."""
_OWES = re.compile(
    r"(?:老板|店长|厂长|经理|负责人|里|那里|方)?[^，。；]{0,4}"
    r"(?:拖|欠|压|没|不|未|克扣|扣|上班|工作|打工|干|做|当|招|辞|强|要求|让|收)"
)
_NO_MORE = re.compile(r"[一欠拖不没老工做上的被和在我他压扣让把给当来去里旁对是要]")
_MOVED = "跑卖搞"
"""武汉跑砂石 is a trip."""
_SOME = re.compile(r"(?<![第唯统同归合建十二三单专])一$")
"""创业服务中心一公司: some firm there; 第一超市 is a name."""
_YET_AFTER = ("里拖", "里欠", "里洗", "里做", "里干", "里上", "里当", "里打", "走的", "出来", "服务员")  # fmt: skip
"""Begins like a word of `not_after` and is none: 店里拖欠, 店服务员."""
_SITE_OFFICE = re.compile(r"(?:公司|集团|建工|建筑|建设|路桥|劳务|工程)项目部$")
"""某建工项目部: the firm is meant."""
TOLD_CHARS = 10
_TOLD_BY = re.compile(r"(?:(?:做|烧|打|卖|生产|加工)[^，。；、的在]{1,6}|[\u4e00-\u9fff]老板)的$")
"""烧耐火砖的厂, 裴老板的蓝莓园: what stands for the name."""
_OWNER_ONLY = re.compile(r"的[^，。；的]{1,8}(?:店|厂|铺|公司|馆|超市|仓库|网点|站|摊)")
"""吾悦广场的奶茶店: the second is meant."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Characters [start, end); under 0 points it is nobody's employer."""

    start: int
    end: int
    points: int
    confidence: float


def candidates(
    words: Workplaces, scan: Scan, places: Sequence[Mention], text: str
) -> Iterator[Candidate]:
    finder = _Finder(words, text, uncovered(scan.of("cuts"), scan.of("kept")), places)
    at = 0
    for start, kind_end in _longest(_kinds(scan)):
        if start < at or _inside(places, start):
            continue
        end = at = _longer(scan, text, _with_trade(scan, text, kind_end))
        found = finder.kind(start, end)
        if found:
            yield found
    for start, end in _longest(scan.of("trades")):
        if _AFTER_TRADE.match(text, end) or _begins(places, end):
            found = finder.trade(start, end)
            if found:
                yield found


def _kinds(scan: Scan) -> Sequence[Seen]:
    """花木场 is one, 现场 is none."""
    kinds = uncovered(scan.of("kinds"), scan.of("no_kinds"))
    inside = [one for one in kinds if one[1] - one[0] == 1]
    alone = set(uncovered(inside, scan.of("trades")))
    return [one for one in kinds if one[1] - one[0] > 1 or one in alone]


def _begins(places: Sequence[Mention], at: int) -> bool:
    """捷速外卖江城社区那个站点: a place directly behind a name."""
    index = bisect_left(places, at, key=lambda place: place.start)
    return index < len(places) and places[index].start == at


def _inside(places: Sequence[Mention], at: int) -> bool:
    index = bisect_left(places, at + 1, key=lambda place: place.start) - 1
    return index >= 0 and at < places[index].end


def _longest(seen: Sequence[Seen]) -> Iterator[Seen]:
    """Words that overlap or join are one: 足道 + 馆."""
    best: Seen | None = None
    for start, end in seen:
        if best and start <= best[1]:
            best = (best[0], max(end, best[1]))
            continue
        if best:
            yield best
        best = (start, end)
    if best:
        yield best


def _with_trade(scan: Scan, text: str, end: int) -> int:
    """云裳坊 + 制衣: a trade that follows at once belongs to the name."""
    seen = scan.of("trades")
    index = bisect_left(seen, (end,))
    acts = scan.of("acts")
    ends = [one[1] for one in seen[index : index + 4] if one[0] == end and one not in acts]
    return max((one for one in ends if _AFTER_TRADE.match(text, one)), default=end)


def _longer(scan: Scan, text: str, end: int) -> int:
    """The end of 管理有限公司, 樊口分部 and the like, where one follows closely."""
    seen = scan.of("longer")
    while True:
        index = bisect_left(seen, (end,))
        if index == len(seen) or seen[index][0] - end > GAP_CHARS_MAX:
            return end
        between = text[end : seen[index][0]]
        if BOUND.search(between) or _NO_MORE.search(between):
            return end
        end = max(one[1] for one in seen[index : index + 4] if one[0] == seen[index][0])


@dataclass(frozen=True, slots=True)
class _Finder:
    words: Workplaces
    text: str
    cuts: Sequence[Seen]
    places: Sequence[Mention]

    def kind(self, start: int, end: int) -> Candidate | None:
        words, text = self.words, self.text
        left = start if _SOME.search(text, max(0, start - 2), start) else self._left(start, end)
        if text[left] == "一" and text[left + 1 : end] in words.kinds:
            left += 1
        described = self._described(left, end)
        if described is not None:
            return described
        if text.startswith(words.not_after, end) and not self._goes_on_inside(left, start, end):
            return None
        if _SITE_OFFICE.search(text, left, end):
            end -= len("项目部")
        name, bare = text[left:end], is_bare(words, text[left:end])
        if name in ("厂", "店", "矿", "工厂"):
            if text[max(0, left - 1) : left] not in _BEFORE_KIND:
                return None
        elif not usable(words, name):
            return None
        points = 0 if is_common(words, name) else UNNAMED if name.startswith("某") else PROPER
        points += self._context(left, end)
        return Candidate(left, end, points, BARE if bare else NAMED)

    def _described(self, left: int, end: int) -> Candidate | None:
        """A bare kind with what is done there, or whose it is."""
        text = self.text
        told = _TOLD_BY.search(text, max(0, left - TOLD_CHARS), left)
        outside = text.startswith(self.words.not_after, end) and not text.startswith("里", end)
        if not told or outside or not is_bare(self.words, text[left:end]):
            return None
        if _inside(self.places, told.start()):
            return None
        return Candidate(told.start(), end, self._context(told.start(), end), BARE)

    def _goes_on_inside(self, left: int, start: int, end: int) -> bool:
        """店里拖欠; 辣得欢火锅店里有个: of a name proper its inside may be told."""
        if self.text.startswith(_YET_AFTER, end):
            return True
        named = end - start > 1 and not is_common(self.words, self.text[left:end])
        return named and self.text.startswith("里", end)

    def trade(self, start: int, end: int) -> Candidate | None:
        left = self._left(start, end)
        before, name = self.text[left:start], self.text[left:end]
        if (
            len(before) < 2
            or before in self.words.verbs
            or before[-1] in _MOVED
            or not usable(self.words, name)
        ):
            return None
        return Candidate(left, end, TRADED + self._context(left, end), TRADE)

    def _context(self, left: int, end: int) -> int:
        """A place of work or who owes: likelier; a landmark, or another's house: unlikelier."""
        before = self.text[max(0, left - CONTEXT_CHARS) : left]
        points = WORK * bool(_AT.search(before)) + OWES * bool(_OWES.match(self.text, end))
        points += LANDMARK * self.text.startswith(self.words.landmark, end)
        points += OWNER * bool(_OWNER_ONLY.match(self.text, end))
        if _ASSIGNED.search(before):
            return points + ASSIGNED
        return points + OTHER * bool(self.words.not_subject.search(before))

    def _left(self, at: int, end: int) -> int:
        """Where the name begins: after punctuation, a place, or a word that is no part of names."""
        text, start = self.text, max(0, at - NAME_CHARS_MAX + 6)
        for hit in BOUND.finditer(text, start, at):
            start = hit.end()
        for place in mentions_between(self.places, start, at):
            if self._ends_before(place, end):
                start = place.end
        index = bisect_left(self.cuts, (start - 3,))
        while index < len(self.cuts) and self.cuts[index][0] < at:
            cut = self.cuts[index]
            index += 1
            if start < cut[1] <= at and not self._kept(start, cut, end):
                start = cut[1]
        front = _FRONT.match(text, start, at)
        return front.end() if front else start

    def _ends_before(self, place: Mention, end: int) -> bool:
        """A name may begin with a city (武汉宏达公司), or be nothing without its town (樊口中学)."""
        words, rest = self.words, self.text[place.end : end]
        if place.meaning.kind == "elsewhere":
            return len(place.text) > 2 and place.text[-1] in "市区县镇乡省道"
        if place.meaning.bare:
            return not (rest in words.kinds or rest in words.generic or rest.startswith("大"))
        return True

    def _kept(self, start: int, cut: Seen, end: int) -> bool:
        """永和豆浆店, 石山社区和谐装饰: such a character is no conjunction where a name would begin."""
        text = self.text
        if cut[1] - cut[0] > 1 or text[cut[0]] in _STRONG:
            return False
        if text[cut[0]] in _JOINING and cut[0] == start:
            return True
        short = 2 <= cut[1] - start <= 3 and not set(text[start : cut[1]]) & _STRONG
        rest = text[cut[1] : end]
        common = is_common(self.words, rest) or is_common(self.words, rest[1:])
        return short and common and rest not in self.words.generic
