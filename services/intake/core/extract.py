"""特征提取: structured columns first, then the text; every value with the span it came from and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.matter import Channel, Employer, Found, Hint, Matter, Place, Span
from services.intake.core import dates, extract_category, extract_employer
from services.intake.core.employer_candidates import BARE
from services.intake.core.employer_name import UNKNOWN
from services.intake.core.extract_amount import Claim, amount, low_pay, still_owed
from services.intake.core.extract_competence import hints, is_elsewhere
from services.intake.core.extract_people import Counting, people
from services.intake.core.extract_period import Period, period
from services.intake.core.extract_places import places
from services.intake.core.extract_sector import sector
from services.intake.core.extract_urgency import urgency
from services.intake.core.fields import Reading
from services.intake.core.gazetteer import Gazetteer
from services.intake.core.passage import Passage, passages
from services.intake.core.shapes import SHAPES
from services.intake.core.words import Figures, Matters, Workplaces

_DEFAULTS: Mapping[Channel, str] = {
    "national": "wages", "provincial": "wages", "patrol": "wages", "window": "other_labour",
    "12345": "other_labour", "12333": "other_labour",
}  # fmt: skip
COLUMN = 1.0
Value = tuple[int, Span, float]


@dataclass(frozen=True, slots=True)
class Words:
    """What the texts are read with: `db44` maps codes of DB44/T 2479 to our categories."""

    gazetteer: Gazetteer
    matters: Matters
    workplaces: Workplaces
    figures: Figures
    counting: Counting
    db44: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Source:
    """One record as it is read: columns, passages, when it was said."""

    channel: Channel
    reading: Reading
    texts: tuple[Passage, ...]
    at: datetime


def extract(words: Words, channel: Channel, reading: Reading, occurred_at: datetime) -> Matter:
    """Pure; linear in the length of the text."""
    texts = passages(SHAPES[channel], reading, words.gazetteer, words.matters)
    source = _Source(channel, reading, texts, occurred_at)
    found_places = places(words.gazetteer, texts, reading)
    employer = _employer(words, source)
    found_places = tuple(_registered(one, employer) for one in found_places)
    months, count = _months(source), _people(words, source)
    heads = count[0] if count else None
    kind = _category(words, source, employer)
    money = _amount(words, source, Claim(kind.category, kind.rule == "default", heads, months))
    if money:
        kind = extract_category.with_sum(words.matters, texts, kind)
    elif kind.rule in ("default", "weak"):
        kind = extract_category.low_paid(kind, low_pay(words.figures, texts))
    field = sector(words.matters, reading, employer, texts, kind.category)
    if employer and employer.confidence <= BARE and is_elsewhere(found_places):
        employer = None  # 一家餐馆 of another city names nobody
    reasons, spans = urgency(words.matters, texts, heads, kind.category, _source_urgent(reading))
    signs = hints(texts, found_places, employer, months, occurred_at)
    return Matter(
        category=kind.category,
        sector=field[0],
        employer=employer,
        places=found_places,
        people=heads,
        amount_fen=money[0] if money else None,
        period_from=months.start if months else None,
        period_to=months.end if months else None,
        urgent=bool(reasons),
        urgent_reasons=reasons,
        hints=(*_exit(kind), *_columns(reading), *signs),
        found=_found(kind, field, count, money, months, spans),
    )


def _registered(place: Place, employer: Employer | None) -> Place:
    """武汉宏达公司: the city in a name is where it is registered; 葛店同泰药业 is in 葛店."""
    if employer is None or place.kind != "elsewhere" or place.span.field != employer.span.field:
        return place
    inside = employer.span.start <= place.span.start and place.span.end < employer.span.end
    inside = inside and place.name.endswith(("省", "市"))
    return place.model_copy(update={"role": "unknown"}) if inside else place


def _found(
    kind: extract_category.Kind,
    field: tuple[str, Span, float],
    count: Value | None,
    money: Value | None,
    months: Period | None,
    urgent: tuple[Span, ...],
) -> tuple[Found, ...]:
    """Where each value was read; the employer and the places carry theirs."""
    found = [Found(field="category", rule=kind.rule, confidence=kind.confidence, span=kind.span)]
    if field[0] != "unknown":
        found.append(Found(field="sector", confidence=field[2], span=field[1]))
    if count:
        found.append(Found(field="people", confidence=count[2], span=count[1]))
    if money:
        found.append(Found(field="amount_fen", confidence=money[2], span=money[1]))
    if months:
        found.append(Found(field="period", confidence=months.confidence, span=months.span))
    found += [Found(field="urgent", confidence=0.8, span=span) for span in urgent]
    return tuple(found)


def _employer(words: Words, source: _Source) -> Employer | None:
    key = SHAPES[source.channel].employer
    name = source.reading.text(key)
    if name and name not in UNKNOWN:
        return extract_employer.employer_of(name, words.gazetteer, Passage(key, name, name))
    return extract_employer.named(words.workplaces, words.gazetteer, source.texts)


def _months(source: _Source) -> Period | None:
    reading, at = source.reading, source.at
    first = reading.text("arrears_from") or reading.text("period") or reading.text("arrears_to")
    if first:
        key = next(k for k in ("arrears_from", "period", "arrears_to") if reading.text(k))
        last = reading.text("arrears_to") or first
        span = Span(field=key, text=first)
        return Period(min(first, last), max(first, last), False, span, confidence=COLUMN)
    paid = reading.text("last_pay_month")
    if paid:  # a patrol: owed since the month after the last pay
        owed = dates.shift(paid, 1)
        end = max(owed, dates.shift(dates.month_of(at), -1))
        span = Span(field="last_pay_month", text=paid)
        return Period(owed, end, True, span, confidence=0.7)
    return period(source.texts, at)


def _people(words: Words, source: _Source) -> Value | None:
    """0 and empty are unknown, not nobody."""
    given = source.reading.whole("people")
    if given:
        return given, Span(field="people"), COLUMN
    return people(words.figures, words.counting, source.texts)


def _amount(words: Words, source: _Source, claim: Claim) -> Value | None:
    reading = source.reading
    given = reading.whole("amount_yuan")
    if given:
        left = still_owed(words.figures, source.texts, given)
        return left or (given, Span(field="amount_yuan"), COLUMN)
    payable, paid = reading.whole("payable_yuan"), reading.whole("paid_yuan")
    if source.channel == "provincial" and payable is not None:
        owed = max(payable - (paid or 0), 0)
        return (owed, Span(field="payable_yuan"), COLUMN) if owed else None
    return amount(words.figures, source.texts, claim)


def _category(words: Words, source: _Source, employer: Employer | None) -> extract_category.Kind:
    reading = source.reading
    codes = extract_category.codes_of(words.db44, reading.text("category_code"))
    question = reading.text("business_type") in ("政策咨询", "查询")
    said = extract_category.Said(
        codes,
        _DEFAULTS[source.channel],
        question or reading.text("demand_type") == "咨询",
        employer is not None and employer.confidence > BARE,
    )
    if source.channel == "patrol":  # of its notes only children; the rest is said in columns
        found = extract_category.at_work(words.matters, source.texts)
        return found or extract_category.category(words.matters, (), said)
    return extract_category.category(words.matters, source.texts, said)


def _source_urgent(reading: Reading) -> bool:
    return reading.text("urgency") in ("紧急", "特急")


def _exit(kind: extract_category.Kind) -> tuple[Hint, ...]:
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
