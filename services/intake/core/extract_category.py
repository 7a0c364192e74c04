"""诉求类别: the nine matters of 监察条例 §11, or an exit for what is none of ours (policies/categories.csv).

The words are policies/words/phrases.toml; here stands which of several findings decides.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.matter import Span
from services.intake.core.lexicon import Match
from services.intake.core.passage import Passage
from services.intake.core.text import clause_before
from services.intake.core.words import Matters

QUESTION = "exit_question"
OUT_OF_SCOPE = "out_of_scope"
CONFIDENCE = {"default": 0.3, "weak": 0.5, "source_code": 0.7, "question": 0.8}
SURE = 0.9
_AGE = re.compile(
    r"(?=[1十])(?<![\d一二两三四五六七八九十])(1[0-7]|十[一二三四五六七]{0,2})(?:[、\-~到至](?:1?[0-7]|十?[一二三四五六七]))?[来多]?周?岁"
)
"""The lower bound of 十四五岁 counts."""
_AT_WORK = re.compile(
    r"^[^。；]{0,3}(?:的)?[^。；，]{0,12}?(?:上班|打工|做工|干活|工作|夜班|服务员|进厂|端盘子|洗碗|做事|搬货|流水线)"
)
_WORK_TOLD = re.compile(
    r"^[^。；我]{0,30}?(?:上班|打工|做工|干活|夜班|端盘子|洗碗|搬货|流水线|缝纫机|打螺丝|车间|学徒|工钱|工资|当(?:了|着|个)?[^。；，我]{0,3}[管员工师徒安台]|[干做站](?:了|到|满)?[^。；，我]{0,4}(?:小时|个钟|天|个月))"
)
"""Of a child it is told in the same sentence, before anybody says 我."""
_NO_CHILD = re.compile(r"(?:不是|并非|不属于|未发现|没有发现|没发现|排除)(?:使用|用|有)?童工")
_CLAUSE = re.compile(r"[，,；;。]")
_AT_SCHOOL = re.compile(
    r"(?<![不没未再])上学|(?<![不没未再])(?<![不没未]去)读书|学费|上高中|上初中|补课"
)
_TAKEN = re.compile(
    r"(?:招|雇|用|让|使用|收)[^。；，]{0,14}$|"
    r"(?:招|雇|聘|使用|请(?!假|[^。；，]{0,4}假))[^。；，]{0,6}(?:小孩|孩子|娃|伢|学生)[^。；]{0,12}$|"
    r"(?:里头|里面|店里|厂里|馆里)有(?:一个|个|几个|两个)(?![^。；]{0,12}老板的(?:儿子|女儿|孩子|小孩))[^。；，]{0,4}(?:小孩|孩子|娃|伢)[^。；]{0,24}$|"
    r"(?:里头|里面|店里|厂里|馆里)有个?(?!老板|店主|客人)[^。；，]{2,8}的(?:小孩|孩子|娃|伢)[^。；]{0,8}$"
)
"""Of a child the age may be told after a comma: 请了个小孩子洗车，看样子才十四五岁."""
_WORKS_BEFORE = re.compile(
    r"(?:工人|员工|小工|服务员|学徒|上班|打工|干活)[^。；]{0,10}$|(?:洗|做|干|搬|端|站|卖)了[^。；]{0,10}，当时$"
)
_EIGHT_HOURS = re.compile(
    r"(?:每天|一天)[^，。；十超不多\d]{0,3}[八8]个?(?:小时|钟头)(?!以上|多|还)"
)
"""一天八小时 is what the law allows."""
_LONGER = re.compile("加班|周末|双休|节假日")
_STILL_OWED = re.compile(r"(?:但|不过|可是|另外|还有|还|仍)[^。；]{0,14}(?:欠|没|未|不给|拖)")
"""感谢要回了同事的工资，但我的还欠着 is a complaint."""
_OWED_MONEY = re.compile(
    r"(?<!不)(欠|(?<![误偏温出倒反])差(?![不距异别额评点价]))(?![缴费交条税])(?:(?!加班|押金|补偿|津贴|社保|奖金|年终)[^。；，]){0,14}?(\d{3,}|(?:\d[\d.,]*|[一二两三四五六七八九十])[万千百元块])"
)
_BESIDE = ("exit_consumer", "exit_medical", "exit_environment", "exit_housing_fund", "exit_pension")
"""What may be told beside unpaid months: 三个月未发，经理说物业费没收上来."""
_UNPAID_MONTHS = re.compile(
    r"(?:(?:\d|[一两二三四五六七八九十半])个半?月(?:的|，)?(?:都|还|也|一直|全)?(?:没有?|未)(?:发|结|付)"
    r"|月(?:份)?的工?钱(?:都|还|也|一直)?(?:没有?|未)(?:给|发|结|付))(?![^，。；]{0,6}[退租])"
)
_PRICES = ("exit_contract_price", "exit_consumer")


@dataclass(frozen=True, slots=True)
class Kind:
    """`exit` names the way out where `category` is out_of_scope."""

    category: str
    exit: str
    rule: str
    span: Span

    @property
    def confidence(self) -> float:
        return CONFIDENCE.get(self.rule, SURE)


@dataclass(frozen=True, slots=True)
class Said:
    """Beside the text: `codes` of the source, `question`: it calls it 咨询, `named`: an employer is."""

    codes: tuple[str, ...]
    default: str
    question: bool
    named: bool


def at_work(words: Matters, texts: tuple[Passage, ...]) -> Kind | None:
    """童工, 未成年工: what a patrol notes of children is a matter, whatever else it was there for."""
    return next((kind for one in texts if one.free and (kind := _child(words, one))), None)


def category(words: Matters, texts: tuple[Passage, ...], said: Said) -> Kind:
    free = [one for one in texts if one.free]
    found = next((kind for one in free if (kind := _text(words, one, said.named))), None)
    question = said.question and not any(one.scan.first(words.rules["wages"]) for one in free)
    if found and not question and (found.rule != "weak" or not said.codes):
        return found
    nowhere = Span(field=free[0].field if free else "")
    if question:
        return Kind(OUT_OF_SCOPE, QUESTION, "source_says_question", nowhere)
    chosen = said.codes[0] if said.codes else (found.category if found else said.default)
    if chosen.startswith("exit_"):
        return Kind(OUT_OF_SCOPE, chosen, "source_code", nowhere)
    return Kind(chosen, "", "source_code" if said.codes else "default", nowhere)


def _text(words: Matters, passage: Passage, named: bool) -> Kind | None:
    """Children and mothers first, then house rules, owed wages (of minors too), questions, exits, what is said most."""
    child = _child(words, passage)
    if child and child.category == "child_labour":
        return child
    found = _special(words, passage) or _thanks(words, passage)
    if found:
        return found
    exits = _exit(words, passage)
    if exits and exits.exit == "exit_consumer" and _worker_asks(words, passage):
        exits = None
    found = _wages(words, passage, exits.exit if exits else "")
    found = found or (child and (_owed_money(passage) or child))
    if exits and exits.exit in _BESIDE:
        found = found or _unpaid_months(passage)
    if found is None and not named:  # who complains names somebody
        found = _question(words, passage)
    return (
        found or exits or _owed_money(passage) or _labour(words, passage) or _weak(words, passage)
    )


def with_sum(words: Matters, texts: tuple[Passage, ...], kind: Kind) -> Kind:
    """十月做了二十一天，日薪110，一共2310块: where nothing is named but work and its sum, it is owed wages."""
    if kind.rule != "default" or kind.category != "other_labour":
        return kind
    hits = [(one, one.scan.first(words.rules["worked"])) for one in texts if one.free]
    return next((_kind(one, "wages", "weak", hit) for one, hit in hits if hit), kind)


def low_paid(kind: Kind, pay: Span | None) -> Kind:
    """一个月才给一千二, and nothing else is named: 低于最低工资."""
    return Kind("min_wage", "", "low_pay", pay) if pay else kind


def _times(words: Matters, passage: Passage, code: str) -> int:
    """How often a matter is spoken of: words that overlap count once."""
    count, end = 0, -1
    for hit in passage.scan.all(words.labour[code]):
        count += hit[0][0] >= end
        end = max(end, hit[-1][1])
    return count


def _thanks(words: Matters, passage: Passage) -> Kind | None:
    hit = passage.scan.first(words.rules["thanks"])
    if hit is None or _STILL_OWED.search(passage.masked, hit[-1][1]):
        return None
    return Kind(OUT_OF_SCOPE, QUESTION, "thanks", passage.said(hit))


def _special(words: Matters, passage: Passage) -> Kind | None:
    for rule, code in (("maternity", "female_minor"), ("rules_first", "internal_rules")):
        hit = passage.scan.first(words.rules[rule])
        if hit:
            return _kind(passage, code, rule, hit)
    return None


def _question(words: Matters, passage: Passage) -> Kind | None:
    asking = passage.scan.first(words.rules["asking"])
    if not asking or passage.scan.first(words.rules["grievance"]):
        return None
    return Kind(OUT_OF_SCOPE, QUESTION, "question", passage.said(asking))


def _owed_money(passage: Passage) -> Kind | None:
    hit = _OWED_MONEY.search(passage.masked)
    return _kind(passage, "wages", "owed_money", (hit.span(1), hit.span(2))) if hit else None


def _unpaid_months(passage: Passage) -> Kind | None:
    hit = _UNPAID_MONTHS.search(passage.masked)
    return _kind(passage, "wages", "unpaid_months", (hit.span(),)) if hit else None


def _child(words: Matters, passage: Passage) -> Kind | None:
    """Ten to fifteen at work: 童工; sixteen and seventeen: 未成年工 (劳动法 §58)."""
    if _NO_CHILD.search(passage.masked):
        return None
    hit = passage.scan.first(words.rules["child_labour"])
    if hit:
        return _kind(passage, "child_labour", "child_labour", hit)
    for age in _AGE.finditer(passage.masked):
        after = passage.masked[age.end() : age.end() + 44]
        before = passage.masked[max(0, age.start() - 32) : age.start()]
        works = (
            _TAKEN.search(before)
            or _AT_WORK.match(after)
            or _WORKS_BEFORE.search(before)
            or _WORK_TOLD.match(after)
        )
        if works and not _AT_SCHOOL.search(after):
            minor = age[1].startswith(("16", "17", "十六", "十七"))
            code = "female_minor" if minor else "child_labour"
            return _kind(passage, code, "age", (age.span(),))
    return None


def _wages(words: Matters, passage: Passage, exit_code: str) -> Kind | None:
    """Owed wages by name; 劳务费 and the like only where nobody claims a price or a purchase."""
    scan, rules = passage.scan, words.rules
    if exit_code == "exit_public_staff":
        return None
    hit = _owed(words, passage, "wages")
    if hit is None and exit_code == "exit_contract_price":
        hit = _owed(words, passage, "workers_inside")
    if hit and exit_code == "exit_consumer" and scan.first(rules["reported"]):
        hit = None
    if hit is None and exit_code not in _PRICES:
        hit = _owed(words, passage, "wages_soft")
    return _kind(passage, "wages", "owed_wages", hit) if hit else None


_OTHER = r"(?:加班费|加班工资|节假日|三倍|经济补偿|补偿|赔偿金|津贴|押金|社保|保险|离职证明|合同)"
_OTHER_AFTER = re.compile(rf"[^，。；]{{0,6}}?{_OTHER}(?![^，。；]{{0,6}}(?:没|未|不|欠))")
_OTHER_BEFORE = re.compile(rf"{_OTHER}[^，。；]{{0,4}}$")


def _owed(words: Matters, passage: Passage, rule: str) -> Match | None:
    """The first wages that are owed: not those said to be paid, nor where what is not given is something else."""
    paid = {hit[0] for hit in passage.scan.all(words.rules["settled"])}
    for hit in passage.scan.all(words.rules[rule]):
        if paid.isdisjoint(hit) and not _another(passage.masked, hit):
            return hit
    return None


def _another(text: str, hit: Match) -> bool:
    """只发底薪不发加班费; 工资发到8月，补偿都不给: what is not given is something else."""
    if len(hit) < 2:
        return False
    apart = _CLAUSE.search(text, hit[0][1], hit[-1][0])
    before = clause_before(text, hit[-1][0], 10) if apart else ""
    return bool(_OTHER_AFTER.match(text, hit[-1][1]) or _OTHER_BEFORE.search(before))


def _worker_asks(words: Matters, passage: Passage) -> bool:
    """办年卡的提成 is a seller's, unless told of others; 介绍费不退 somebody's who was promised work."""
    scan, rules = passage.scan, words.rules
    earned = scan.first(rules["earned"]) and not scan.first(rules["reported"])
    return bool(earned or scan.first(rules["placed"]))


def _exit(words: Matters, passage: Passage) -> Kind | None:
    for code, rule in words.exits.items():
        hit = passage.scan.first(rule)
        if hit:
            return Kind(OUT_OF_SCOPE, code, code, passage.said(hit))
    return None


def _labour(words: Matters, passage: Passage) -> Kind | None:
    found = [
        (hit, code)
        for code, rule in words.labour.items()
        if (hit := passage.scan.first(rule)) and not _EIGHT_HOURS.match(passage.masked, hit[0][0])
    ]
    if not found:
        return None
    least = "min_wage"  # of equals what is named by its legal name: 一天八小时，比最低工资还低
    hit, code = min(
        found, key=lambda one: (-_times(words, passage, one[1]), one[1] != least, one[0])
    )
    paid = [one for one in found if one[1] == "overtime"]
    if code == "working_hours" and paid and _only_overtime(words, passage):
        hit, code = paid[0]
    return _kind(passage, code, code, hit)


def _only_overtime(words: Matters, passage: Passage) -> bool:
    """天天加班，没有加班费 is about the pay; with 一个月只休一天 it is about the hours."""
    hits = passage.scan.all(words.labour["working_hours"])
    return all(_LONGER.search(passage.masked, hit[0][0], hit[-1][1]) for hit in hits)


def _weak(words: Matters, passage: Passage) -> Kind | None:
    hit = passage.scan.first(words.rules["wages_weak"])
    return _kind(passage, "wages", "weak", hit) if hit else None


def _kind(passage: Passage, code: str, rule: str, hit: Match) -> Kind:
    return Kind(code, "", rule, passage.said(hit))


def codes_of(db44: Mapping[str, tuple[str, ...]], code: str) -> tuple[str, ...]:
    """Our categories of a DB44/T 2479 code; of its middle class where the small one is unknown."""
    for width in (6, 4):
        if code[:width] in db44:
            return db44[code[:width]]
    return ()
