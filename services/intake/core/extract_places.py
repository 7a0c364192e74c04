"""地点: every place named, with its part in the matter: of work, of the employer, of the claimant's home."""

import re
from collections.abc import Iterator, Mapping

from schemas.matter import Place
from services.intake.core.fields import Reading
from services.intake.core.gazetteer import Gazetteer, Mention
from services.intake.core.passage import Passage
from services.intake.core.shapes import Role
from services.intake.core.text import clause_after, clause_before

_HOME_BEFORE = re.compile(
    r"(?:住址|居住|家住|屋里头?在|屋在|住在|现住|住|家在|家是|家庭|我家|我们家|她家|他家|老家是?|户籍|籍贯|户口|回到|回了|回|来自|出生|身份证地址|现在人|人现住|人现居|嫁到)[^工上打做干]{0,6}$"
)
_HOME_AFTER = re.compile(
    r"^(?:[^工上打做帮给替为和跟请]{0,2}(?:居民|村民|户籍|人士)|人(?![民社力家才工保])|籍|本地人|老家|过来|过去|来的|来这|户口|[^，。；在]{1,4}[村湾组]人(?![民社力家才工保员]))"
)
_FROM_BEFORE = re.compile(r"(?:从|自)$")
_FROM_AFTER = re.compile(
    r"^[^，。；]{0,6}?(?:过来|过去|来的|来这|来鄂|赶过去|赶来|招来|请来|带来|叫过去|去的|出发|调来|调到|转到|来了|来)"
)
_OF_THERE = re.compile(
    r"(?:(?P<firm>公司|单位|厂家|老板)|我|我们|咱们?|俺们?|人|他们?|她们?|大家|几个|工友|老乡|本人)(?:都|也|全)?是(?:[^，。；的在]{2,12}[省市区县镇])?$"
)
"""我们都是沙窝乡的: home; 公司是鄂城区的 is where it is registered, perhaps not where they work."""
_BODY_BEFORE = re.compile(
    r"(?:(?:^|[，。；！,; 现前])(?:人在|人目前在|人已经?[到回]|人已在)|已经?回)[^工上打做干]{0,3}$"
    r"|[州市区县镇城](?:到|至)$"
)
"""人在深圳; but 本人在, 来电人在, 工人在. 鄂州到武汉 is a trip."""
_WORKS_AFTER = re.compile(r"[^，。；]{0,14}?(?:上班|打工|干活|做工|做事)")
"""人在段店镇某厂上班."""
_IN_THE_VILLAGE = re.compile(r"(?:村里|村内|村上|本村|我村|我们村|村子里)(?!的?人|委)")
"""东港村村民反映，村里修路施工队…: there it is."""
_ASKED_BEFORE = re.compile(
    r"(?:希望|请求?|恳请|请贵?|让|麻烦|要求|求|建议|盼|向|到|找|打|问)[^，。；在]{0,3}$"
)
_OFFICE = re.compile(
    r"调解|政府|人社|劳动|维权|派出所|法院|仲裁|公安|信访|监察|12345|市场监管|司法|工商"
)
_NOT_THERE = re.compile(r"(?<!是)(?:不是|并非|不属于)(?:鄂州市?|鄂城区?|我们|咱们|在|的){0,3}$")
"""不是鄂州花湖镇哈，是黄石那边的."""
_ASKS = ("投诉", "举报", "反映", "受理", "不管", "的不管", "管不管", "管不了", "能不能管")
_HANDLER = re.compile(
    r"^(?:区|市|县)?(?:政府|人社|人力资源|劳动|维权|派出所|法院|仲裁|公安|信访|监察|12345|市场监管|相关部门|有关部门|能|可以|帮|领导|来|出面|协调|督促|尽快|管一管|工商|司法)"
)
_REGISTERED = re.compile(
    r"(?:注册地|注册|总部|总公司|(?:老板娘?|包工头|法人)(?:是|为|系|来自)|母公司|供货商?|客户)[^，。；]{0,4}$"
)
_ROAD = re.compile(
    r"[\u4e00-\u9fff]{1,5}?(?P<road>大道|路|街|巷)(?:\d{1,4}号)?(?=[^障费程途边过])|[\u4e00-\u9fff]{2,6}(?P<site>工业园|产业园|物流园|科技园|创业园|开发区|步行街|商业街|广场|大厦|商城|大市场|农贸市场|商贸城|小区|花园|火车站|客运站|码头|机场)"
)
_NO_ROAD = re.compile(
    r"(?:跑|走|公|铁|高速|修|堵|一|半|网|套|道|活|出|退|同|顺|带|领|问|问了|思|线|电|水|上|下|岔|在|马|过|油|开|赶|拦|门|铺|逛|扫|上了|修了)(?:路|街|巷)|上街|路上"
)
PLACES_MAX, MENTIONS_MAX = 12, 40


def places(gazetteer: Gazetteer, texts: tuple[Passage, ...], reading: Reading) -> tuple[Place, ...]:
    found: list[Place] = [*_coordinates(reading), *_grid(gazetteer, reading)]
    found += _by_code(gazetteer, reading)
    for passage in texts:
        found.extend(_named(passage))
    found = _told_as_home(found, {one.field for one in texts if one.free})
    if not any(one.role != "home" for one in found):
        found.extend(_roads(texts))
    return tuple(found[:PLACES_MAX])


def _told_as_home(found: list[Place], free: set[str]) -> list[Place]:
    """家住泽林镇，在大冶某厂做工: the town in the hotline's column is then where the caller lives."""
    said = [one for one in found if one.span.field in free]
    homes = {one.unit_code for one in said if one.role == "home"}
    work = {one.kind == "elsewhere" for one in said if one.role == "work"}
    if work != {True} or not homes:
        return found
    return [
        one.model_copy(update={"role": "home"})
        if one.span.field not in free
        and one.role == "work"
        and (one.unit_code in homes or one.kind == "district")
        else one
        for one in found
    ]


def _named(passage: Passage) -> Iterator[Place]:
    found: list[Place] = []
    follower = -1
    for mention in reversed(passage.mentions[:MENTIONS_MAX]):
        if passage.free and _is_asked(mention, passage.text):
            continue  # the office that was asked is not the place of work
        if passage.free and _NOT_THERE.search(clause_before(passage.text, mention.start, 10)):
            continue
        place = _place(mention, passage)
        if found and found[-1].role == "home" and 0 <= follower - mention.end <= 1:
            place = place.model_copy(update={"role": "home"})  # 鄂城区沙窝乡人
        found.append(place)
        follower = mention.start
    found.reverse()
    for before, (index, place) in zip(found, enumerate(found[1:], 1), strict=False):
        if before.role == "home" and before.span.end == place.span.start:
            found[index] = place.model_copy(update={"role": "home"})  # 住鄂城区凤凰街道
    at_home = passage.free and all(one.role == "home" for one in found)
    if at_home and _IN_THE_VILLAGE.search(passage.text):
        found = [one.model_copy(update={"role": "work"}) for one in found]
    yield from found


def _is_asked(mention: Mention, text: str) -> bool:
    after = text[mention.end : mention.end + 6]
    if _OFFICE.match(after) or after.startswith(_ASKS):
        return True
    if mention.meaning.kind != "district":
        return False
    before = clause_before(text, mention.start, 8)
    return bool(_HANDLER.match(after) and (_ASKED_BEFORE.search(before) or before == ""))


def _place(mention: Mention, passage: Passage) -> Place:
    meaning = mention.meaning
    role = passage.role if passage.role != "unknown" else _role(mention, passage)
    return Place(
        kind=meaning.kind,
        name=meaning.name,
        code=meaning.code,
        unit_code=meaning.unit_code,
        role=role,
        confidence=meaning.confidence,
        span=passage.span(mention.start, mention.end),
    )


def _role(mention: Mention, passage: Passage) -> Role:
    if not passage.free:
        return "unknown"
    before = clause_before(passage.text, mention.start, 24)
    after = clause_after(passage.text, mention.end, 10)
    if _HOME_BEFORE.search(before) or _HOME_AFTER.match(after):
        return "home"
    if after in ("的", "的人") and (said := _OF_THERE.search(before)):
        return "unknown" if said["firm"] else "home"
    if _FROM_BEFORE.search(before) and _FROM_AFTER.match(after):
        return "home"
    works = _WORKS_AFTER.match(clause_after(passage.text, mention.end, 20))
    if (_BODY_BEFORE.search(before) and not works) or _REGISTERED.search(before):
        return "unknown"
    return "work"


def _roads(texts: tuple[Passage, ...]) -> Iterator[Place]:
    """A road, a mall, an estate: no unit of ours, yet somewhere to go."""
    for passage in texts:
        for hit in _ROAD.finditer(passage.masked):
            if not _NO_ROAD.search(hit.group()) and passage.free:
                start, end = hit.span(hit.lastgroup or 0)
                span = passage.span(start, end)  # the words before it may be anybody's name
                yield Place(kind="road", name=span.text, role="work", confidence=0.4, span=span)
                return


def _grid(gazetteer: Gazetteer, reading: Reading) -> list[Place]:
    """网格码 of a patrol record: `420704107-G02`."""
    grid = reading.text("grid")
    if not re.fullmatch(r"\d{9}-G\d{2}", grid):
        return []
    unit = grid[:9] if grid[:9] in gazetteer.units else ""
    span = Passage("grid", grid, grid).span(0, len(grid))
    return [
        Place(kind="grid", name=grid, code=grid, unit_code=unit, role="work", span=span),
    ]


def _by_code(gazetteer: Gazetteer, reading: Reading) -> list[Place]:
    """欠薪地区划代码 of nine digits (镇街) or twelve (村社区), of the official list or a statistical one."""
    code = reading.text("region_code")
    if not code:
        return []
    span = Passage("region_code", code, code).span(0, len(code))
    return [
        Place(
            kind="village" if one.kind == "village" else "unit",
            name=one.name,
            code=one.code,
            unit_code=one.unit_code,
            role="work",
            confidence=one.confidence,
            span=span,
        )
        for one in gazetteer.codes.get(code.removesuffix("000") if len(code) == 12 else code, ())
    ]


def _coordinates(reading: Reading) -> list[Place]:
    """The first point of a patrol's track; phones give GCJ-02, so the system is always named."""
    track = reading.values.get("track")
    first = track[0] if isinstance(track, tuple) and track else None
    if not isinstance(first, Mapping):
        return []
    lon, lat = first.get("lon"), first.get("lat")
    if not isinstance(lon, int | float) or not isinstance(lat, int | float):
        return []
    if not (73 <= lon <= 136 and 3 <= lat <= 54):  # not in China: a phone without a fix
        return []
    system = reading.text("crs")
    return [
        Place(
            kind="coordinates",
            name="巡查轨迹",
            lon=float(lon),
            lat=float(lat),
            crs="WGS-84" if system == "WGS-84" else "GCJ-02",
            role="work",
            confidence=0.9,
            span=Passage("track", "", "").span(0, 0),
        )
    ]
