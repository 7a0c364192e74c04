"""人数: how many workers the matter is about; an approximate figure counts at its lower bound.

Who is a worker, and what else is counted: policies/words/figures.toml [people].
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.matter import Span
from services.intake.core import numbers
from services.intake.core.passage import Passage
from services.intake.core.words import Figures

PEOPLE_MAX = 100_000
SURE, LIKELY = 0.9, 0.7
_BEGINS = r"(?=[\d好几上近数一二两三四五六七八九十百])"
_N = r"\d{1,5}|好?几十|上百|近百|数十|[一二两三四五六七八九十百]{1,6}几?"
_KIN = (
    "老公|老婆|丈夫|妻子|爱人|对象|媳妇|儿子|女儿|弟弟|哥哥|妹妹|姐姐|弟|哥|妹|姐|表弟|表哥|朋友|同事|老乡|工友|男朋友|女朋友|妈妈?|爸爸?|父亲|母亲|"
    "室友|徒弟|师傅|舅舅|叔叔|嫂子|侄子"
)


def _first_of(words: str, chars: str) -> str:
    """What follows begins so, with one of the alternatives or of the characters; most of a text does not."""
    return f"(?=[{re.escape(''.join(sorted({one[0] for one in words.split('|')} | set(chars))))}])"


_OTHERS_ALONE = re.compile(r"(?:其|本人|我|及|和|与|跟)[^，。；]{0,4}$")
_SMALL = (
    (re.compile(r"(?:姐妹|兄弟|姊妹|哥|我们|咱们?)仨(?!个|月)|三口子|爷仨|娘仨|仨人"), 3),
    (
        re.compile(
            rf"{_first_of(_KIN, '夫两我俺咱他她俩父母兄姐姊爷本其')}"
            r"(?:夫妻|夫妇|两口子|(?:我们|我|俺们?|咱们?|他们?|她们?)(?:两个|两人|两|俩|二人)(?!多?个?多?(?:月|年|天|次|家|只)|[千百万块角])|俩人|"
            r"父子|母女|母子|父女|兄弟俩|姐妹俩|姊妹俩|爷俩|娘俩|"
            rf"(?:我|其|本人)(?:和|跟|与|同)(?:我)?(?:{_KIN})(?!们|\d|[二三四五六七八九两]|[^，。；]{{0,3}}(?:学|后面))|(?:{_KIN})(?:和|跟|与)我(?!们))"
        ),
        2,
    ),
)
_NAMED = re.compile(
    r"[\u4e00-\u9fff](?:某某?|师傅|姐|哥|先生|女士)[^，。；、\d]{0,4}\d[\d.,万千]*元?"
)
_PLUS = frozenset(
    {"加", "和", "、", "外加", "加上", "，还有", "还有", "，外加", "及", "以及", "与"}
)
"""5个服务员加2个厨师 are seven."""
_CORRECTED = re.compile(
    rf"不是(?:{_N})(?:个|名|位)?人?[，,]?(?:而是|是|应该是|应为)({_N})(?:个人?|名|位|人)(?![月天年小次件])"
)
_ALONE = re.compile(
    r"(?:只有|就|只|唯独|单单|偏偏|仅)(?:欠|扣|差|拖|没发|没给|没结)[^，。；不]{0,4}我(?:一个人?|自己)"
)
"""别人的都发了，就扣着我一个人的; but 只有我一个人懂法 counts nobody."""
_ONLY_US = re.compile(
    rf"(?:就剩|只剩|还剩|剩下|剩|就|只有|只|仅|单单|偏偏)(?:我们?|咱们?|俺们?)(?:自己)?(?:(?:和|跟|与|、)[^，。；\d]{{1,6}}?)?({_N})(?:个人?|名|人)(?![月天年小次件])"
)
"""店里员工二十来个，就我和小刘两个没发."""
_ONLY_THEY = re.compile(
    rf"(?:只有|唯独|就|仅|单单|偏偏)[^，。；\d]{{1,6}}?({_N})(?:个人|名|人|个)(?![月天年小次件])[^，。；]{{0,8}}(?:[没未][发给结付拿领有得]|差|欠|拖)"
)
"""别的组都发了，只有包装组5个人9月份没发."""
_UNPAID = re.compile(r"[^，。；]{0,6}(?:没|未|拖|欠|被)")
"""店里5个人的工资没发: these are no size of a firm."""
_HIRED = re.compile(r"(?:去|来|帮)[^，。；]{0,3}?(?:摘|种|挖|栽|锄|割|采|收|打工|做事|干活|帮工)")
"""夏天叫了5个老人家去摘辣椒."""
_OTHERS = ("老人", "学生")
_CARED = re.compile(r"(?:管|照顾|照看|护理|服侍|伺候|看护|照料|教|带)[^，。；]{0,6}$")
"""我一个人管二楼11个老人."""
_FAMILY = re.compile(r"(?:家(?!属)里?|全家|一家|家庭|养)[^，。；：]{0,4}$")


@dataclass(frozen=True, slots=True)
class Counting:
    """The patterns of one lexicon: 5个人, 工人5名, 其与另外两名同事."""

    people: re.Pattern[str]
    subject: re.Pattern[str]
    others: re.Pattern[str]


def counting(words: Figures) -> Counting:
    who = words.who
    return Counting(
        re.compile(
            rf"{_BEGINS}({_N})(?:多|余|来|几)?(?:个|名|位|号|口)?(?:多|来)?(?:左右)?的?(?:外地|男|女|老|(?<=[个名])[\u4e00-\u9fff]{{2,4}}(?:来|籍)的?)?(?:{who})"
        ),
        re.compile(
            rf"{_first_of(who, '我他她咱班一总共还欠涉人等')}"
            rf"(?:我们|他们|她们|咱们|班组|一起|一共|总共|共计|共|还有|欠了?|涉及|人数(?:是|为|有|：)?|等|{who})等?({_N})(?:多|余|来|几)?(?:个|名|位|号)(?![个月天年次家件多小]|工(?!人|友))"
        ),
        re.compile(
            rf"{_first_of(_KIN, '我本其他她自另')}"
            rf"(?:(?:我|本人|其|他|她|自己|{_KIN})(?:和|及|与|跟|同|以及|、|还有)(?:其他|另外|另|其余|同村的?|其)?({_N})(?:个|名|位)?(?:{who})"
            rf"|(?:另外|其他|另)({_N})(?:个|名|位)(?:{who})?)"
        ),
    )


def people(
    words: Figures, patterns: Counting, texts: tuple[Passage, ...]
) -> tuple[int, Span, float] | None:
    """The largest number of workers a text names; the size of the firm does not count."""
    for passage in texts:
        found = _in(words, patterns, passage) if passage.free else None
        if found:
            return found
    return None


def _in(words: Figures, patterns: Counting, passage: Passage) -> tuple[int, Span, float] | None:
    text = passage.masked
    said = _CORRECTED.search(text) or _ONLY_US.search(text) or _ONLY_THEY.search(text)
    if said and (count := _count(said[1])) > 1:
        return count, passage.span(*said.span()), SURE
    alone = _ALONE.search(text)
    if alone:
        return 1, passage.span(*alone.span()), SURE
    found = [*_with_others(patterns, passage), *_counted(words, patterns, passage)]
    if found:
        return max(found, key=lambda one: one[0])
    for pattern, count in _SMALL:
        hit = pattern.search(text)
        if hit and not _FAMILY.search(text[max(0, hit.start() - 6) : hit.start()]):
            return count, passage.span(*hit.span()), SURE
    named = list(_NAMED.finditer(text))
    if len(named) >= 2:  # 张师傅3200元、王师傅2800元
        return (
            len(named),
            Span(field=passage.field, start=named[0].start(), end=named[-1].end()),
            LIKELY,
        )
    return None


def _counted(
    words: Figures, patterns: Counting, passage: Passage
) -> Iterator[tuple[int, Span, float]]:
    text = passage.masked
    for pattern in (patterns.people, patterns.subject):
        total, start, end = 0, 0, -1
        for hit in pattern.finditer(text):
            before = text[max(0, hit.start() - 6) : hit.start(1)]
            end_at = hit.end()
            asks = _UNPAID.match(text, end_at) or _HIRED.match(text, end_at)
            sized = before.endswith(words.not_before) and not asks
            cared = hit[0].endswith(_OTHERS) and _CARED.search(text, 0, hit.start())
            if sized or cared or text.startswith(words.not_after, hit.end()):
                continue
            count = _count(hit[1])
            one = count == 1 and hit[1] == "一"
            if 1 <= count <= PEOPLE_MAX and not one and not _FAMILY.search(before):
                joined = end >= 0 and text[end : hit.start()] in _PLUS
                total, start = (total + count, start) if joined else (count, hit.start())
                end = hit.end()
                yield total, passage.span(start, end), SURE


def _with_others(patterns: Counting, passage: Passage) -> Iterator[tuple[int, Span, float]]:
    """其及另外两名同事, 本人与同村4人: the claimant counts too."""
    for hit in patterns.others.finditer(passage.masked):
        before = passage.masked[max(0, hit.start() - 8) : hit.start()]
        if hit[1] is None and not _OTHERS_ALONE.search(before):
            continue
        count = _count(hit[1] or hit[2]) + 1
        if 2 <= count <= PEOPLE_MAX:
            yield count, passage.span(*hit.span()), LIKELY


def _count(written: str) -> int:
    """几十 = twenty or more, 上百 a hundred."""
    if written.endswith("几十") or written == "数十":
        return 20
    if written in ("上百", "近百"):
        return 100
    return int(numbers.number(written) or 0)
