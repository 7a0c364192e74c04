"""Signs that the matter may be outside our competence (管辖和受理条件); router decides."""

import re
from datetime import datetime

from schemas.matter import Employer, Hint, Place, Span
from services.intake.core import dates
from services.intake.core.extract_period import Period
from services.intake.core.passage import Passage

LIMIT_MONTHS = 24
"""监察条例 §20: two years from the act, or from its end."""
_IN_COURT = re.compile(
    r"(?:已经?|正在|并|去年|今年|\d月|[一二三四五六七八九十]月)[^，。；]{0,8}(?:申请|提起|走|进入)?(?:了)?(?:劳动)?(?:仲裁|诉讼|起诉)"
    r"|仲裁(?:委|庭|院)[^。；]{0,12}(?:受理|立案|开庭|开过庭|裁决|判|裁)|仲裁(?:裁决|调解书|已受理|已立案|阶段|中)"
    r"|法院[^。；]{0,10}(?:受理|立案|开庭|判|调解|起诉)|(?:已|已经)(?:起诉|立案)|裁决书|判决书|强制执行|打官司"
)
_NOT_YET = re.compile(
    r"(?:想|准备|打算|要不要|能不能|可以|可否|是否|建议|让我|让去|没有?|未|还没|不想|不愿|如何|怎么|告知)[^，。；]{0,6}$"
)
_INSIDE = ("coordinates", "grid", "village", "unit", "road", "district")


def hints(
    texts: tuple[Passage, ...],
    places: tuple[Place, ...],
    employer: Employer | None,
    period: Period | None,
    occurred_at: datetime,
) -> tuple[Hint, ...]:
    found = [
        _other_district(places),
        _time_barred(period, occurred_at),
        _in_arbitration(texts),
        _nameless(places, employer, texts),
    ]
    return tuple(hint for hint in found if hint)


def _other_district(places: tuple[Place, ...]) -> Hint | None:
    """用工所在地 decides (监察条例 §13): a place of work outside, none inside."""
    outside = [one for one in places if one.kind == "elsewhere" and one.role == "work"]
    inside = [
        one for one in places if one.kind in _INSIDE and one.role in ("work", "employer_address")
    ]
    if not outside or inside:
        return None
    return Hint(
        verdict="other_district",
        exit="exit_other_district",
        rule="place_of_work_elsewhere",
        span=outside[0].span,
    )


def _time_barred(period: Period | None, at: datetime) -> Hint | None:
    if period is None or period.open_end:
        return None
    if period.end >= dates.shift(dates.month_of(at), -LIMIT_MONTHS):
        return None
    return Hint(
        verdict="time_barred",
        exit="exit_time_barred",
        rule="older_than_two_years",
        span=period.span,
    )


def _in_arbitration(texts: tuple[Passage, ...]) -> Hint | None:
    for passage in texts:
        for hit in _IN_COURT.finditer(passage.text) if passage.free else ():
            before = passage.text[max(0, hit.start() - 8) : hit.start()]
            if _NOT_YET.search(before) or re.search(r"没|未|不|想|准备", hit.group()[:4]):
                continue
            return Hint(
                verdict="in_arbitration",
                exit="exit_arbitration",
                rule="before_arbitration_or_court",
                span=passage.span(*hit.span()),
            )
    return None


def _nameless(
    places: tuple[Place, ...], employer: Employer | None, texts: tuple[Passage, ...]
) -> Hint | None:
    """Neither employer nor place of work: nobody can be sent anywhere (补正)."""
    if employer or any(
        one.kind in (*_INSIDE, "elsewhere") and one.role != "home" for one in places
    ):
        return None
    where = texts[0].field if texts else ""
    return Hint(verdict="needs_more_info", rule="no_employer_and_no_place", span=Span(field=where))
