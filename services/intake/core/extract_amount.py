"""金额: what is claimed, in fen. A remaining debt, else a total, else what is owed added up, else rate × time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.matter import Span
from services.intake.core import numbers
from services.intake.core.extract_period import Period
from services.intake.core.lexicon import Match
from services.intake.core.owed_months import WORKED, owed_months
from services.intake.core.passage import Passage
from services.intake.core.piecework import piecework
from services.intake.core.sums import Sum, sums
from services.intake.core.text import clause_before
from services.intake.core.words import Figures

Found = tuple[int, Span, float]
STATED, ADDED, COMPUTED, GUESSED = 0.9, 0.8, 0.7, 0.5
DAYS_MAX, HOURS_MAX = 400, 3000
_N = r"\d{1,4}|[一二两三四五六七八九十百]{1,5}"
_DAYS = re.compile(
    rf"(?<![\d每几第])({_N})(?:多|来)?(?:天|个工(?!作|人))(半)?(?!内|之内|后|前|以后|一次|的假)"
)
_HOURS = re.compile(rf"(?<![\d每几])({_N})(?:多)?个?(?:小时|钟头)")
_LABEL = re.compile(
    r"(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月|提成|加班费|奖金|补贴|补助|绩效|补偿金|赔偿金|经济补偿|工资|底薪|运费"
)
_PERSON = re.compile(
    r"(?:我|他|她|[\u4e00-\u9fff](?:某某?|师傅|姐|哥|先生|女士|舅|叔|姨|弟|妹|婆|公|妈|爸|嫂|伯|姑))$"
)
_SHORT = re.compile("[欠差]")
_HALF_PAID = re.compile(r"[只就才仅](?:发|给|付|结)(?:了|我|我们)*一半")
_WHOSE = re.compile(r"[，。；、]?(?:我|他|她|本人|其|小|老|[\u4e00-\u9fff](?:师傅|姐|哥|婶|嫂))")
"""我的是2860，我姐3120，我姨侄女做的天数少些1950."""
_KINDS_OF_PAY = frozenset(
    {
        "提成",
        "加班费",
        "奖金",
        "补贴",
        "补助",
        "绩效",
        "补偿金",
        "赔偿金",
        "经济补偿",
        "工资",
        "底薪",
        "运费",
    }
)
_CLAIMED = re.compile(
    r"欠|差我|应补|该(?=\d)|克扣|未|没付|没发|少发|补|拖|没给|没结|不给|要求|赔|不退|不发|兑现|只认|不认|抹"
)
_TAKEN_BACK = re.compile(r"(?:不对|说错了?|记错了?|更正)[，,：:]?(?:是|应该是|应为)?$")
_REST = re.compile(r"其余|剩余|余款|剩下|余下|剩的|余额|只给|只转|只发|只付|只拿|只结|才给|才发")
_NOTHING_PAID = re.compile(
    r"(?:一分钱?|一毛钱?|分文)(?:都|也)?(?:没|未)(?:有)?(?:给|付|发|拿|结|见)|白(?:做|干)"
)
_EACH = re.compile(r"(?:每人|人均|每个人|每位|每名)$")
_NOT_ALL_OF_IT = re.compile("生活费|兼职|小时工|钟点|半天")
_ALL_OF_IT = re.compile(
    r"(?:才|只|就|仅|不过)(?:给|发|有|拿|开|领|得|到手|是)?(?:我|我们)?(?:了)?$"
)
_PER_HEAD = re.compile(r"每人|人均|每个人|各|一人|一个人|都|我们|他们|她们")
NEEDS_CLAIM = frozenset(
    {
        "min_wage",
        "working_hours",
        "contract",
        "social_insurance",
        "internal_rules",
        "female_minor",
        "child_labour",
        "other_labour",
    }
)
"""Of these a sum is what the matter is about only where it is said to be owed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of the claim besides its sums. `guessed`: its category is only the channel's usual one."""

    category: str
    guessed: bool
    people: int | None
    period: Period | None


def amount(words: Figures, texts: tuple[Passage, ...], claim: Claim) -> Found | None:
    for passage in texts:
        if passage.free:
            found = _chosen(tuple(sums(words, passage.masked)), passage, claim)
            if found:
                return found
    return None


def _chosen(found: tuple[Sum, ...], passage: Passage, claim: Claim) -> Found | None:
    flat = [one for one in found if not one.unit and one.part not in ("price", "piece")]
    deposit = claim.category == "deposit_or_id_withheld"
    best = (
        (_kept_back(flat, passage, claim) if deposit else None)
        or _stated(flat, passage, claim.people)
        or _rated(found, passage, claim)
        or _by_piece(found, passage)
        or _kept_back(flat, passage, claim)
    )
    needs = claim.category in NEEDS_CLAIM and not claim.guessed
    return None if best and needs and not _claimed(passage.masked, best[1]) else best


def _claimed(text: str, span: Span) -> bool:
    near = text[max(0, span.start - 30) : span.end + 12]
    return bool(_CLAIMED.search(near))


def _stated(flat: Sequence[Sum], passage: Passage, people: int | None) -> Found | None:
    flat = _corrected(flat, passage.masked)
    for part in ("remaining", "total", "due", "plain"):
        of_part = [one for one in flat if one.part == part]
        if not of_part:
            continue
        short = _shortfall(of_part[0], flat) if part != "remaining" else None
        if short:
            return short.fen, passage.said(_parts(of_part[0], short)), COMPUTED
        added = _added(of_part, people) if part != "total" else _added_total(of_part)
        if added:
            return added, passage.said(_parts(*of_part)), ADDED
        best = _short(of_part) if part == "plain" else of_part[-1]
        whole = part in ("plain", "due") and len(of_part) == 1 and not _SHORT.search(best.before)
        if whole and _HALF_PAID.search(passage.masked):
            return best.fen // 2, passage.span(best.start, best.end), COMPUTED
        return best.fen, passage.span(best.start, best.end), STATED
    each = next((one for one in flat if one.part == "each"), None)
    if each:
        return each.fen * (people or 1), passage.span(each.start, each.end), COMPUTED
    return None


def _short(plain: Sequence[Sum]) -> Sum:
    """我自己算要一万零二百，差4200: what is short is claimed; else the first that is named."""
    return next((one for one in plain if one.before.endswith("差")), plain[0])


def _corrected(flat: Sequence[Sum], text: str) -> Sequence[Sum]:
    """欠我3万，不对，3万2: what was said after it."""
    for index, one in enumerate(flat):
        if index and _TAKEN_BACK.search(text, max(0, one.start - 9), one.start):
            said = flat[index - 1]
            return [*flat[: index - 1], replace(one, part=said.part), *flat[index + 1 :]]
    return flat


def _parts(*found: Sum) -> Match:
    return tuple((one.start, one.end) for one in sorted(found, key=lambda one: one.start))


def _shortfall(base: Sum, flat: Sequence[Sum]) -> Sum | None:
    """应发4500，实发2000: the difference is owed."""
    behind = base.part != "due"
    paid = [
        one
        for one in flat
        if one.part == "paid" and one.fen < base.fen and (one.start > base.start or not behind)
    ]
    sure = len(paid) == 1 or (len(paid) > 1 and base.part in ("total", "due"))
    gone = sum(one.fen for one in paid)
    if not sure or gone >= base.fen or any(one.part == "remaining" for one in flat):
        return None
    one = paid[-1]
    return Sum("remaining", "", base.fen - gone, one.start, one.end, one.before)


def _added(parts: Sequence[Sum], people: int | None) -> int | None:
    """8月3200元、9月3500元; 张师傅3200元、王师傅2800元: each with its own label, or as many as there are people."""
    each = len(parts) == people and all(_WHOSE.match(one.before) for one in parts)
    if len(parts) >= 2 and (each or "分别" in parts[0].before):
        return sum(one.fen for one in parts)
    labels = [_label(one) for one in parts]
    if len(parts) < 2 or "" in labels or len(set(labels)) < len(labels):
        return None
    return sum(one.fen for one in parts)


def _added_total(parts: Sequence[Sum]) -> int | None:
    """欠8月3200元，欠9月3500元; but 欠3个月，共9000 is one sum."""
    labels = [_label(one) for one in parts]
    months = [one for one in labels if one.endswith("月")]
    if len(parts) < 2 or len(months) < len(parts) or len(set(months)) < len(parts):
        return None
    return sum(one.fen for one in parts)


def _label(one: Sum) -> str:
    person = _PERSON.search(one.before)
    if person:
        return person.group()
    words = [hit.group() for hit in _LABEL.finditer(one.before)]
    own = [word for word in words if word not in _KINDS_OF_PAY]
    return (own or words or [""])[-1]


def _rated(found: Sequence[Sum], passage: Passage, claim: Claim) -> Found | None:
    """月薪 × 月数, 日薪 × 天数, 时薪 × 小时; times the workers where it is said of all of them."""
    for unit in ("day", "hour", "month"):
        rate = next(
            (
                one
                for one in found
                if one.unit == unit and one.part not in ("paid", "fine", "piece", "price")
            ),
            None,
        )
        if rate is None:
            continue
        paid = _paid_already(found, passage.masked)
        count = _count_of(unit, passage.masked, claim.period.named if claim.period else 0)
        if count is None and unit == "month" and (paid or _NOTHING_PAID.search(passage.masked)):
            count = owed_months(passage.masked, WORKED)  # 干了3个月，只给了2000元
        if count is None:
            continue
        heads = claim.people if claim.people and _PER_HEAD.search(passage.masked) else 1
        whole = int(rate.fen * count) * heads
        return whole - (paid if paid < whole else 0), passage.span(rate.start, rate.end), COMPUTED
    return None


def _by_piece(found: Sequence[Sum], passage: Passage) -> Found | None:
    done = piecework(passage.masked)
    if done is None:
        return None
    paid = _paid_already(found, passage.masked)
    span = passage.said(tuple(sorted((done.rate, done.count))))
    return done.fen - (paid if paid < done.fen else 0), span, COMPUTED


def _paid_already(found: Sequence[Sum], text: str) -> int:
    """支付了2000元生活费，其余未付."""
    paid = [one.fen for one in found if one.part == "paid" and not one.unit]
    return paid[0] if len(paid) == 1 and _REST.search(text) else 0


def _count_of(unit: str, text: str, named_months: int) -> float | None:
    if unit == "month":
        return owed_months(text) or named_months or None
    pattern, least, most = (_DAYS, 1, DAYS_MAX) if unit == "day" else (_HOURS, 15, HOURS_MAX)
    for hit in pattern.finditer(text):
        value = float(numbers.number(hit[1]) or 0)
        half = 0.5 if unit == "day" and hit[2] else 0.0
        near = clause_before(text, hit.start(), 8)
        single = hit[1] in ("一", "1")
        if not single and least <= value <= most and (WORKED.search(near) or near == ""):
            return value + half
    return None


def _kept_back(flat: Sequence[Sum], passage: Passage, claim: Claim) -> Found | None:
    """Nothing owed by name: what was deducted; of a deposit that deposit, of each worker where it says so."""
    parts, category = ["deduct"], claim.category
    if category in ("deposit_or_id_withheld", "agency"):
        parts = ["deposit", "deduct"]
    if category in ("wages", "deposit_or_id_withheld", "agency"):
        parts.append("fine")
    for part in parts:
        of_part = [one for one in flat if one.part == part]
        if of_part:
            span = passage.said(_parts(*of_part))
            heads = claim.people if _EACH.search(of_part[0].before) else None
            return sum(one.fen for one in of_part) * (heads or 1), span, GUESSED
    return None


def still_owed(words: Figures, texts: tuple[Passage, ...], column: int) -> Found | None:
    """上面填的12000是总数，实际还差8000: the text itself says that the column's sum is not what remains."""
    for passage in texts:
        found = tuple(sums(words, passage.masked)) if passage.free else ()
        left = [
            one for one in found if one.part == "remaining" and not one.unit and one.fen < column
        ]
        if left and str(column // 100) in passage.masked:
            return left[-1].fen, passage.span(left[-1].start, left[-1].end), STATED
    return None


def low_pay(words: Figures, texts: tuple[Passage, ...]) -> Span | None:
    """一个月才给一千二: a month's pay below the local minimum, said to be all; not 生活费, nor of 兼职."""
    for passage in texts:
        for one in sums(words, passage.masked) if passage.free else ():
            low = one.unit == "month" and one.fen < words.least_month_fen
            if low and _ALL_OF_IT.search(one.before) and not _NOT_ALL_OF_IT.search(passage.masked):
                return passage.span(one.start, one.end)
    return None
