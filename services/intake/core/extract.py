"""特征提取: structured columns first, then the text; every value with the span it came from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.matter import Channel, Employer, Hint, Matter, Sector, Span
from services.intake.core import dates, extract_category, extract_employer
from services.intake.core.extract_amount import amount
from services.intake.core.extract_competence import hints
from services.intake.core.extract_people import people
from services.intake.core.extract_period import Period, period
from services.intake.core.extract_places import places
from services.intake.core.extract_urgency import urgency
from services.intake.core.fields import Reading
from services.intake.core.gazetteer import Gazetteer
from services.intake.core.passage import Passage, passages
from services.intake.core.shapes import SHAPES

_BUILDING = re.compile(
    r"工地|项目部|施工|建筑工|安置房|楼盘|建设集团|建筑公司|建筑劳务|建工|钢筋工|脚手架|架子工|泥瓦|瓦工|泥工|砌墙|"
    r"包工头|工程款|工程队|盖房|修路|路桥|班组长|安装工程|土方|外墙|幕墙|浇筑|混凝土"
)
_TRADE = re.compile(r"木工|水电工|油漆工|装修|贴砖|抹灰|吊顶|防水")
_DEFAULTS: Mapping[Channel, str] = {
    "national": "wages", "provincial": "wages", "patrol": "wages", "window": "other_labour",
    "12345": "other_labour", "12333": "other_labour",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What the texts are read with: `db44` maps codes of DB44/T 2479 to our categories."""

    gazetteer: Gazetteer
    db44: Mapping[str, tuple[str, ...]]


def extract(words: Words, channel: Channel, reading: Reading, occurred_at: datetime) -> Matter:
    """Pure; linear in the length of the text."""
    texts = passages(SHAPES[channel], reading)
    employer = _employer(words.gazetteer, channel, reading, texts)
    found_places = places(words.gazetteer, texts, reading)
    months = _months(reading, texts, occurred_at)
    count = _people(reading, texts)
    kind = _category(words, channel, reading, texts)
    reasons, _ = urgency(texts, count, kind.category, _source_urgent(reading))
    signs = hints(texts, found_places, employer, months, occurred_at)
    return Matter(
        category=kind.category,
        sector=_sector(reading, employer, texts, kind.category),
        employer=employer,
        places=found_places,
        people=count,
        amount_fen=_amount(channel, reading, texts, count),
        period_from=months.start if months else None,
        period_to=months.end if months else None,
        urgent=bool(reasons),
        urgent_reasons=reasons,
        hints=(*_exit(kind), *_columns(reading), *signs),
    )


def _employer(
    gazetteer: Gazetteer, channel: Channel, reading: Reading, texts: tuple[Passage, ...]
) -> Employer | None:
    key = SHAPES[channel].employer
    name = reading.text(key)
    if name:
        return extract_employer.employer_of(name, gazetteer, Passage(key, name, name))
    return extract_employer.named(gazetteer, texts)


def _months(reading: Reading, texts: tuple[Passage, ...], at: datetime) -> Period | None:
    first = reading.text("arrears_from") or reading.text("period") or reading.text("arrears_to")
    if first:
        key = next(k for k in ("arrears_from", "period", "arrears_to") if reading.text(k))
        last = reading.text("arrears_to") or first
        span = Span(field=key, text=first)
        return Period(min(first, last), max(first, last), False, span)
    paid = reading.text("last_pay_month")
    if paid:  # a patrol: owed since the month after the last pay
        owed = dates.shift(paid, 1)
        end = max(owed, dates.shift(dates.month_of(at), -1))
        return Period(owed, end, True, Span(field="last_pay_month", text=paid))
    return period(texts, at)


def _people(reading: Reading, texts: tuple[Passage, ...]) -> int | None:
    """0 and empty are unknown, not nobody."""
    given = reading.whole("people")
    if given:
        return given
    found = people(texts)
    return found[0] if found else None


def _amount(
    channel: Channel, reading: Reading, texts: tuple[Passage, ...], count: int | None
) -> int | None:
    given = reading.whole("amount_yuan")
    if given:
        return given
    payable, paid = reading.whole("payable_yuan"), reading.whole("paid_yuan")
    if channel == "provincial" and payable is not None:
        return max(payable - (paid or 0), 0) or None
    found = amount(texts, count)
    return found[0] if found else None


def _category(
    words: Words, channel: Channel, reading: Reading, texts: tuple[Passage, ...]
) -> extract_category.Reading:
    codes = extract_category.codes_of(words.db44, reading.text("category_code"))
    question = reading.text("business_type") in ("政策咨询", "查询")
    question = question or reading.text("demand_type") == "咨询"
    skip = () if channel == "patrol" else texts
    return extract_category.category(skip, codes, _DEFAULTS[channel], question)


def _source_urgent(reading: Reading) -> bool:
    return reading.text("urgency") in ("紧急", "特急")


def _exit(kind: extract_category.Reading) -> tuple[Hint, ...]:
    if not kind.exit:
        return ()
    return (Hint(verdict="not_labour", exit=kind.exit, rule=kind.rule, span=kind.span),)


def _columns(reading: Reading) -> tuple[Hint, ...]:
    """What the source's own columns say: before a court, unsigned form, another district's code."""
    found: list[Hint] = []
    if reading.flag("arbitration_or_suit"):
        span = Span(field="arbitration_or_suit", text="是")
        found.append(
            Hint(verdict="in_arbitration", exit="exit_arbitration", rule="source_says", span=span)
        )
    if reading.flag("signed") is False:
        span = Span(field="signed", text="否")
        found.append(Hint(verdict="needs_more_info", rule="unsigned", span=span))
    return tuple(found)


def _sector(
    reading: Reading, employer: Employer | None, texts: tuple[Passage, ...], category: str
) -> Sector:
    """工程建设 or not; unknown where neither an employer nor a trade is named."""
    given = reading.text("sector")
    if given in ("工程建设", "工程建设领域"):
        return "construction"
    if given:
        return "non_construction"
    if reading.text("project_name") or reading.text("project_code"):
        return "construction"
    name = employer.name if employer else ""
    text = " ".join(one.text for one in texts if one.free) + " " + name
    shop = name.endswith(("厂", "店", "超市", "部"))
    if _BUILDING.search(text) or (_TRADE.search(text) and not shop):
        return "construction"
    if category == extract_category.OUT_OF_SCOPE or employer is None:
        return "unknown"
    return "non_construction"
