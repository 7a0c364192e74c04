"""Signs that the matter may be outside our competence (管辖和受理条件); router decides."""

import re
from datetime import datetime

from schemas.matter import Employer, Hint, Place, Span
from services.intake.core import dates
from services.intake.core.employer_candidates import BARE
from services.intake.core.extract_period import Period
from services.intake.core.lexicon import Match
from services.intake.core.passage import Passage

LIMIT_MONTHS = 24
"""监察条例 §20: two years from the act, or from its end."""
_LEGAL = re.compile(
    r"仲裁|法院|法庭|起诉|诉讼|裁决|判决|执行局|强制执行|打官司|一审|二审|终审|胜诉|败诉"
)
_ENTERED = re.compile(
    r"(?:申请|提起|提交|递交|走|进入|进行|启动|办理|打)(?:了|过)(?:劳动)?(?:人事)?(?:争议)?(?:仲裁|诉讼|起诉|官司)"
    r"|(?:已经?|正在|正|在|又|今年|去年|前年|[\d一二三四五六七八九十]月(?:份|底|初)?|(?<![\d一二三四五六七八九十])[\d一二三四五六七八九十]{1,3}[日号])[^，。；不没未]{0,10}?(?:劳动)?(?:人事)?(?:争议)?(?:仲裁(?!时效|委员会?(?!申|提|立|受|开|裁))|诉讼|起诉|官司)"
    r"|仲裁[^，。；]{0,12}?(?:受理了?|立案|开庭|开过庭|裁决|判了|判决|裁了|赢了|胜|排期|审理|等结果|调解书|阶段|程序中|期间|案号)|仲裁(?:中|过|完|结束|下来|结果)"
    r"|(?:法院|法庭)[^，。；]{0,10}?(?:受理|立案|开庭|判|调解|起诉|审理|执行|裁定|传票|排期|开过庭)|(?:判决|裁决|裁定)(?:书|了|生效|下来|已|我|公司|单位|支付|结果|后)|判决|执行局|强制执行|打(?:完|赢)了?官司|一审|二审|终审|胜诉"
    r"|起诉(?:了|到|至|过)|诉至|告到(?:了)?法院|告上法院|告上法庭"
)
_NOT_YET = re.compile(
    r"(?:想|准备|打算|要不要|能不能|可以|可否|是否|建议|让我|让我们|让去|没有?|未|还没|尚未|不想|不愿|如何|怎么|告知|叫我|叫我们|叫去|劝|要去|会去|才能|该|应该|去申请|需要|需|再|否则|将|考虑|如果|若|不行就|只能|只有)[^，。；]{0,6}$"
)
_UNDONE = re.compile(
    r"^[^。；]{0,12}?(?:不受理|不予受理|不接收|没受理|未受理|不收|撤回|撤诉|撤销|撤了|驳回起诉|过期|太慢|太麻烦|太贵|时间长|没钱)"
)
_NOT_I = re.compile(
    r"我(?:自己|本人)?(?:没|没有|还没|未)(?:去|有|申请|提)?(?:过)?(?:劳动)?(?:仲裁|起诉)"
)
"""A colleague went there: 我没去仲裁; but 我没去仲裁，法院已经判了 was before a court."""
_COURT = re.compile(r"法院|法庭|诉|判|审")
_DENIED_HEAD = re.compile(r"没|未|不|想|准备|将|要去")
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


def is_elsewhere(places: tuple[Place, ...]) -> Place | None:
    """用工所在地 decides (监察条例 §13): a place of work outside, none inside."""
    outside = [one for one in places if one.kind == "elsewhere" and one.role == "work"]
    inside = [
        one
        for one in places
        if one.kind in _INSIDE and one.kind != "road" and one.role in ("work", "employer_address")
    ]
    return outside[0] if outside and not inside else None


def _other_district(places: tuple[Place, ...]) -> Hint | None:
    place = is_elsewhere(places)
    if place is None:
        return None
    return Hint(
        verdict="other_district",
        exit="exit_other_district",
        rule="place_of_work_elsewhere",
        span=place.span,
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
        if not passage.free or not _LEGAL.search(passage.text):
            continue
        for hit in _ENTERED.finditer(passage.text):
            before = passage.text[max(0, hit.start() - 8) : hit.start()]
            after = passage.text[hit.end() : hit.end() + 16]
            if _NOT_YET.search(before) or _DENIED_HEAD.search(hit.group()[:4]):
                continue
            if _NOT_I.search(passage.text) and not _COURT.search(hit.group()):
                continue
            if _UNDONE.match(after) or not _LEGAL.search(hit.group()):
                continue
            return Hint(
                verdict="in_arbitration",
                exit="exit_arbitration",
                rule="before_arbitration_or_court",
                span=passage.said(_legal_words(hit)),
            )
    return None


def _legal_words(hit: re.Match[str]) -> Match:
    return tuple(one.span() for one in _LEGAL.finditer(hit.string, *hit.span()))


def _nameless(
    places: tuple[Place, ...], employer: Employer | None, texts: tuple[Passage, ...]
) -> Hint | None:
    """Neither a name nor a place of work: nobody can be sent anywhere (补正). 一家饭店 alone is no name."""
    if employer and employer.confidence > BARE:
        return None
    if any(one.kind in (*_INSIDE, "elsewhere") and one.role != "home" for one in places):
        return None
    where = texts[0].field if texts else ""
    return Hint(verdict="needs_more_info", rule="no_employer_and_no_place", span=Span(field=where))
