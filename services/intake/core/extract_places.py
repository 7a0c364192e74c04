"""地点: every place named, with its part in the matter: of work, of the employer, of the claimant's home."""

import re
from collections.abc import Mapping

from schemas.matter import Place
from services.intake.core.fields import Reading
from services.intake.core.gazetteer import Gazetteer, Mention
from services.intake.core.passage import Passage
from services.intake.core.shapes import Role
from services.intake.core.text import clause_after, clause_before

_HOME_BEFORE = re.compile(
    r"(?:住址|居住|家住|住在|住|家在|家庭|老家|户籍|籍贯|回到|回了|来自|出生|身份证地址|现在人|人现)[^工上打]{0,6}$"
)
_HOME_AFTER = re.compile(r"^[^工上打做]{0,2}(?:居民|村民|户籍|人士)|^人(?:[，。；、]|$)")
_BODY_BEFORE = re.compile(r"(?<![个名位\d])(?:人在|人目前在)[^工上打]{0,3}$")
_HANDLER = re.compile(r"^(?:政府|人社|劳动|维权|派出所|法院|仲裁|公安|信访|监察|12345|市场监管)")
PLACES_MAX = 12


def places(gazetteer: Gazetteer, texts: tuple[Passage, ...], reading: Reading) -> tuple[Place, ...]:
    found: list[Place] = [*_coordinates(reading), *_grid(gazetteer, reading)]
    found += _by_code(gazetteer, reading)
    for passage in texts:
        for mention in gazetteer.find(passage.text):
            if _HANDLER.match(passage.text[mention.end : mention.end + 5]):
                continue  # the office that was asked is not the place of work
            found.append(_place(mention, passage))
    return tuple(found[:PLACES_MAX])


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
    before = clause_before(passage.text, mention.start, 12)
    after = clause_after(passage.text, mention.end, 6)
    if _HOME_BEFORE.search(before) or _HOME_AFTER.search(after):
        return "home"
    return "unknown" if _BODY_BEFORE.search(before) else "work"


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
