"""被投诉单位: the column where there is one, else the name the text gives."""

import re
from collections.abc import Iterator

from schemas.matter import Employer
from services.intake.core.gazetteer import Gazetteer, Mention
from services.intake.core.passage import Passage

NAME_CHARS_MAX = 30
_ORG = (
    "有限责任公司|股份有限公司|有限公司|分公司|公司|集团|超市|商场|商行|商店|便利店|酒店|宾馆|旅馆|民宿|饭店|"
    "饭庄|餐馆|餐厅|餐饮店|火锅店|酒楼|茶楼|茶馆|奶茶店|咖啡馆|烧烤店|面馆|小吃店|食堂|农家乐|理发店|美发店|"
    "美容院|美容店|美容美发|美容|美发|足浴店|足浴城|足浴|足疗店|会所|洗浴中心|洗车店|洗车行|汽修厂|修理厂|修车厂|4S店|"
    "车行|KTV|ktv|酒吧|网吧|健身房|影院|加工厂|服装厂|电子厂|砖厂|石材厂|养殖场|养鸡场|养猪场|砂石场|木材场|农场|鱼塘|果园|采石场|"
    "搅拌站|加油站|加工点|加工店|加工坊|作坊|小作坊|加工部|门市部|门市|经营部|服务部|营业部|分部|分店|分厂|"
    "服务站|工作站|快递站|驿站|快递点|网点|快递|速运|物流|商贸|家政|物业|培训机构|培训学校|培训中心|培训班|"
    "幼儿园|学校|中学|小学|医院|诊所|药店|合作社|工作室|事务所|俱乐部|批发部|批发市场|市场|中心|工程队|"
    "施工队|项目部|工地|车间|矿|厂|店"
)
_SUFFIX = re.compile(_ORG)
_LONGER = re.compile(
    r"[^，。；！？,;!?：:、（）()\s欠拖不没老工做上的被和在]{0,6}?(?:有限责任公司|有限公司|分公司|公司|集团|分部|分店|分厂|营业部|"
    r"服务部|经营部|加工部|加工厂|网点|服务站|服务中心|培训中心|工作室)"
)
"""某酒店 + 管理有限公司, 顺安达快递 + 樊口分部: the name goes on."""
_NOT_AFTER = re.compile(r"^(?:房|门|里|长|员|主|区|家|铺转让|方|商|上班时间|外|内)")
_QUOTE = re.compile(r"[「“\"『《]([^「」“”\"『』《》]{2,20})[」”\"』》]")
_CUE = re.compile(
    r"(?:(?:单位|公司|企业|厂|店|饭店|工厂|用人单位)(?:名称|全称|名字)?(?:是|为|叫做|叫|：|:)|店名叫?|厂名叫?|名叫|名为|叫做|叫)"
    r"([^，。；！？,;!?：:（(“”\"\s]{2,30})"
)
_CUT = re.compile(
    r".*(?:在|的|一家|一个|一间|某家|这家|那家|于|叫做|叫|反映|投诉|举报|是|为|被|称|我们|他们|我|他|她|其|"
    r"老板|市民|来电人|诉求|那边|这边|附近|去堵|去|由|从|到|和|个人)"
)
_TRAIL = re.compile(r"(?:工作|上班|打工|做工|干活|做|的|老板|拖欠|欠|不发|没发|里)+.*$")
_GENERIC = frozenset(
    {"公司", "厂", "店", "单位", "工厂", "老板", "中心", "市场", "矿", "集团", "车间", "分部", "分店",
     "学校", "网点", "分公司", "门市", "物业", "快递", "物流", "该公司", "本公司", "某公司", "家公司", "用人单位",
     "小店", "门店", "这个店", "该店", "本店", "我公司", "物流公司的", "分厂", "营业部"}
)  # fmt: skip
_OFFICES = (
    "公积金",
    "维权",
    "仲裁",
    "法院",
    "人社",
    "社保",
    "政务",
    "服务中心",
    "派出所",
    "政府",
    "热线",
    "调解",
)
_CITY = re.compile(r"^(?:湖北省?)?(?:鄂州市?)?(?:鄂城区?)?")
_LEGAL = re.compile(r"(?:有限责任公司|股份有限公司|有限公司|集团公司|集团|分公司|公司)$")
_BRACKET = re.compile(r"[（(][^（）()]{0,20}[）)]")


def employer_of(name: str, gazetteer: Gazetteer, passage: Passage, start: int = 0) -> Employer:
    return Employer(
        name=name[:200],
        normalised=normalised(name, gazetteer)[:200],
        span=passage.span(start, start + len(name)),
    )


def normalised(name: str, gazetteer: Gazetteer) -> str:
    """Without brackets, province, city, district, leading town, legal form; never empty."""
    short = _BRACKET.sub("", name).replace(" ", "")
    short = _CITY.sub("", short) or short
    first = next(iter(gazetteer.find(short)), None)
    if first and first.start == 0 and len(short) - first.end >= 3:
        short = short[first.end :]
    return _LEGAL.sub("", short) or short or name


def named(gazetteer: Gazetteer, texts: tuple[Passage, ...]) -> Employer | None:
    """Quoted name, then `单位是…`, then the nearest word for a workplace; content before title."""
    free = [passage for passage in texts if passage.free]
    for rule in (_quoted, _cued, _suffixed):
        for passage in free:
            for start, name in rule(gazetteer, passage):
                return employer_of(name, gazetteer, passage, start)
    return None


def _quoted(_: Gazetteer, passage: Passage) -> Iterator[tuple[int, str]]:
    for found in _QUOTE.finditer(passage.text):
        before = passage.text[max(0, found.start() - 4) : found.start()]
        name = found[1]
        if _usable(name) and (
            _SUFFIX.search(name)
            or re.search(r"(?:叫|名为|单位|公司|店|家|道|镇|区|村|在)$", before)
        ):
            yield found.start(1), name


def _cued(gazetteer: Gazetteer, passage: Passage) -> Iterator[tuple[int, str]]:
    for found in _CUE.finditer(passage.masked):
        start, end = found.start(1), found.end(1)
        start = _after_places(gazetteer, passage.text, start, end)
        name = _TRAIL.sub("", passage.text[start:end])
        if _usable(name) and (
            _SUFFIX.search(name) or found[0].startswith(("单位", "公司", "店", "厂"))
        ):
            yield start, name


def _suffixed(gazetteer: Gazetteer, passage: Passage) -> Iterator[tuple[int, str]]:
    text = passage.masked
    mentions = gazetteer.find(text)
    for found in _SUFFIX.finditer(text):
        inside = any(place.start <= found.start() < place.end for place in mentions)
        longer = _LONGER.match(text, found.end())
        end = longer.end() if longer else found.end()
        if inside or _NOT_AFTER.match(text[end : end + 4]):
            continue
        start = _left(text, found.start(), mentions)
        name = text[start:end]
        if _usable(name):
            yield start, name


def _left(text: str, at: int, mentions: tuple[Mention, ...]) -> int:
    """Where the name begins: after punctuation, a cue word, or a place (unless nothing but 分部 is left)."""
    floor = max(0, at - NAME_CHARS_MAX)
    window = text[floor:at]
    cut = max(window.rfind(mark) for mark in "，。；！？,;!?：:、（）()“” □>\n") + 1
    start = floor + cut
    inner = _CUT.match(text[start:at])
    if inner:
        start += inner.end()
    ends = [one.end for one in mentions if start <= one.start and one.end <= at]
    last = max(ends, default=start)
    return last if at - last >= 1 or not text[at:].startswith(("分", "店", "网点", "站")) else start


def _after_places(gazetteer: Gazetteer, text: str, start: int, end: int) -> int:
    for place in gazetteer.find(text[start:end]):
        after = start + place.end
        if place.start <= 3 and end - after >= 2:
            start = after
            break
    while start < end and text[start] in "的在":
        start += 1
    return start


def is_generic(name: str) -> bool:
    """足浴店, 物流公司: a trade and no name."""
    return name in _GENERIC or _SUFFIX.fullmatch(name) is not None


def _usable(name: str) -> bool:
    if name in _GENERIC or len(name) < 2 or len(name) > NAME_CHARS_MAX:
        return False
    return not any(word in name for word in _OFFICES)
