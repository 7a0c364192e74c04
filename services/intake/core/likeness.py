"""并案判断: is this record the same matter as that one? Points a person can check, and a band."""

import re
from collections.abc import Iterator
from datetime import timedelta

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein, Prefix

from schemas.cases import Likeness, Point
from schemas.matter import Identity, Submission
from services.intake.core.joining import BANDS, JoinRule
from services.intake.core.matters import KnownMatter, stands_alone, work_places

Found = tuple[str, str]
"""A rule of matters.toml, and what it was found in."""
_SHORT_CHARS_MIN = 2
GROUP_MIN, GROUP_WITHOUT_SUM_MIN = 2, 3
_NUMERALS = frozenset("0123456789一二三四五六七八九十甲乙丙丁东南西北")
"""Where two names differ by one of these, they are two branches."""
_SOME = re.compile(r"^(?:一家|一个|一间|某家|某|这家|那家|该|.{2,8}的)")
BAND_ZH = {"join": "自动并案", "suggest": "提示核对", "new": "另立新案"}


def likeness(
    rule: JoinRule, known: KnownMatter, submission: Submission, *, home: bool, shared: bool = False
) -> Likeness:
    """`home`: the matter stands in the row of this very person; `shared`: a row of several persons, one phone."""
    found = [*_who(rule, known, submission, home, shared), *_when(rule, known, submission)]
    if names_each_other(known, submission):
        found = [("reference", ""), *(one for one in found if one[0] != "person_other")]
        if not home:
            found.append(("person_unknown", ""))
    else:
        found += [*_whose(rule, known, submission), *_what(rule, known, submission)]
        found += _where(known, submission)
    employer = submission.matter.employer
    code = employer.uscc if employer else ""
    two_codes = code and known.uscc and code != known.uscc
    return _summed(rule, found if two_codes else _reconciled(found))


_ONE_CLAIM = {"person_same", "period_same", "place_same"}
_RECONCILED = (
    (_ONE_CLAIM, "employer_branch", "employer_short"),
    (_ONE_CLAIM | {"amount_same"}, "employer_other", "employer_renamed"),
)
"""One person does not work in two branches of one name at once, nor is owed one sum for the same months by two."""


def _reconciled(found: list[Found]) -> list[Found]:
    names = {name for name, _ in found}
    instead = {old: new for needs, old, new in _RECONCILED if needs <= names}
    return [(instead.get(name, name), detail) for name, detail in found]


def _summed(rule: JoinRule, found: list[Found]) -> Likeness:
    points = [_point(rule, name, detail) for name, detail in found]
    total = max(0, min(100, sum(one.points for one in points)))
    bands = [rule.band(total), *(one.at_most for one in points)]
    band = max(bands, key=BANDS.index)
    told = "，".join(one.text_zh for one in points)
    return Likeness(
        score=total / 100,
        reason_zh=f"{told}（{total} 分，{BAND_ZH[band]}）",
        band=band,
        points=tuple(points),
    )


def _point(rule: JoinRule, name: str, detail: str) -> Point:
    weight = rule.weights[name]
    text = f"{weight.name_zh}：{detail}" if detail else weight.name_zh
    return Point(rule=name, points=weight.points, text_zh=text, at_most=weight.at_most)


def _who(
    rule: JoinRule, known: KnownMatter, submission: Submission, home: bool, shared: bool
) -> Iterator[Found]:
    who = submission.identity
    same_id = bool(who.id_number) and who.id_number in known.id_numbers
    same_name = bool(who.name) and who.name in known.names
    group = same_group(rule, known, submission)
    if known.alone or stands_alone(submission):
        yield (
            "person_unknown",
            "",
        )  # always: it keeps the anonymous from being joined, whatever the file says
        yield from [("group_same", "")] if group else []
    elif same_id:
        yield "id_same", ""
        yield from [("name_same", "")] if same_name else []
    elif who.id_number and known.id_numbers:
        yield "id_other", ""
    elif home or who.phone in known.phones:
        yield "person_same", ""
        yield from _by_name(known, who, shared)
    else:
        yield ("name_only" if same_name else "group_same" if group else "person_other"), ""


def same_group(rule: JoinRule, known: KnownMatter, submission: Submission) -> bool:
    """一人代表一批人来电, then another of them: as many workers, as much money; three or more where no sum is said."""
    one, other = known.people or 0, submission.matter.people or 0
    if one != other or one < GROUP_MIN:
        return False
    due, told = known.amount_fen, submission.matter.amount_fen
    if due is None or told is None:
        return one >= GROUP_WITHOUT_SUM_MIN
    return _amount(rule, due, told) != "amount_other"


def _by_name(known: KnownMatter, who: Identity, shared: bool) -> Iterator[Found]:
    """Of one phone: whether it is the same person who holds it."""
    if who.name and who.name in known.names:
        yield "name_same", ""
    elif who.name and known.names:
        yield "name_other", ""
    elif shared:
        yield "phone_shared", ""


def _when(rule: JoinRule, known: KnownMatter, submission: Submission) -> Iterator[Found]:
    if known.closed_at is not None and submission.received_at >= known.closed_at:
        yield "closed", ""
    apart = abs(submission.received_at - known.last_at)
    if apart > timedelta(days=rule.window_days):
        yield "long_ago", f"{apart.days} 天"


def names_each_other(known: KnownMatter, submission: Submission) -> bool:
    return bool(set(submission.refs) & set(known.numbers)) or submission.external_no in known.refs


def _whose(rule: JoinRule, known: KnownMatter, submission: Submission) -> Iterator[Found]:
    """Where a name is missing, the same sum must stand in for it."""
    employer = submission.matter.employer
    name, code = (employer.normalised, employer.uscc) if employer else ("", "")
    found = compared(rule, known.employer, name) if known.employer and name else ""
    if found and code and known.uscc:
        found = _by_code(found, code == known.uscc)
    if found:
        yield found, known.employer if found == "employer_same" else f"{known.employer}／{name}"
    sum_ = submission.matter.amount_fen
    if found in ("", "employer_trade", "employer_kin") and (
        sum_ is None or sum_ != known.amount_fen
    ):
        yield "unproven", ""


def _by_code(found: str, same: bool) -> str:
    """统一社会信用代码: one code is one employer under any name; two codes under one name are two."""
    if same:
        return "employer_same"
    return "employer_other" if found == "employer_same" else found


def compared(rule: JoinRule, one: str, other: str) -> str:
    """The rule that says how two normalised names stand to each other."""
    if one == other:
        return "employer_trade" if one in rule.trades else "employer_same"
    if (trade := _trade(rule, one)) or _trade(rule, other):
        return _of_trade(rule, trade or _trade(rule, other), other if trade else one)
    shorter, longer = sorted((one, other), key=len)
    if _abbreviates(shorter, longer):
        branch = (set(longer) - set(shorter)) & _NUMERALS  # 宏达 of 宏达二厂: perhaps another one
        return "employer_branch" if branch else "employer_short"
    if _mistyped(rule, one, other):
        return "employer_alike"
    return "employer_kin" if _kin(rule, one, other) else "employer_other"


def _kin(rule: JoinRule, one: str, other: str) -> bool:
    """晶联厂, 晶联光电: one proper name, of which one says only a trade behind it."""
    head = Prefix.similarity(one, other)
    return head >= _SHORT_CHARS_MIN and not rule.trades.isdisjoint((one[head:], other[head:]))


def _trade(rule: JoinRule, name: str) -> str:
    """便利店 of 一家便利店, 某便利店; empty where a name is named."""
    bare = _SOME.sub("", name)
    return bare if bare in rule.trades else ""


def _of_trade(rule: JoinRule, trade: str, name: str) -> str:
    """A name without any trade contradicts none."""
    trades = [one for one in rule.trades if name.endswith(one)]
    rest = iter(name)
    said = all(char in rest for char in trade)  # 汽修厂 of 鑫达汽车修理厂
    return "employer_trade" if not trades or said else "employer_other"


def _abbreviates(shorter: str, longer: str) -> bool:
    """好又来 of 好又来便利店, 中百超市 of 中百仓储超市: begins alike, nothing in it that the other lacks."""
    if len(shorter) < _SHORT_CHARS_MIN or shorter[:2] != longer[:2]:
        return len(shorter) > _SHORT_CHARS_MIN and shorter in longer
    rest = iter(longer)
    return all(char in rest for char in shorter)


def _mistyped(rule: JoinRule, one: str, other: str) -> bool:
    """One character wrong, missing or too many in a name of four; else as alike as the file asks."""
    if (set(one) ^ set(other)) & _NUMERALS:
        return False
    if min(len(one), len(other)) >= 4 and Levenshtein.distance(one, other, score_cutoff=1) <= 1:
        return True
    return fuzz.ratio(one, other) / 100 >= rule.employer_ratio_min


def _what(rule: JoinRule, known: KnownMatter, submission: Submission) -> Iterator[Found]:
    matter = submission.matter
    one, other = known.category, matter.category
    if one == other or {one, other} <= rule.wages:
        yield "category_same", ""
    elif not {one, other} & rule.vague:
        yield "category_other", f"{one}／{other}"
    yield from _period(known, submission)
    if known.amount_fen is not None and matter.amount_fen is not None:
        yield _amount(rule, known.amount_fen, matter.amount_fen), ""


def _period(known: KnownMatter, submission: Submission) -> Iterator[Found]:
    """Unknown periods contradict nothing."""
    matter = submission.matter
    if not (known.period_from and known.period_to and matter.period_from and matter.period_to):
        return
    meet = known.period_from <= matter.period_to and matter.period_from <= known.period_to
    yield ("period_same" if meet else "period_apart"), _months(known, submission)


def _months(known: KnownMatter, submission: Submission) -> str:
    matter = submission.matter
    return f"{known.period_from}~{known.period_to}／{matter.period_from}~{matter.period_to}"


def _amount(rule: JoinRule, one: int, other: int) -> str:
    if one == other:
        return "amount_same"
    near = abs(one - other) <= rule.amount_near * max(one, other)
    return "amount_near" if near else "amount_other"


def _where(known: KnownMatter, submission: Submission) -> Iterator[Found]:
    here, there = set(work_places(submission)), set(known.places)
    if here and there:
        yield ("place_same" if here & there else "place_apart"), ""
