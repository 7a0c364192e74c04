"""诉求类别: the nine matters of 监察条例 §11, or an exit for what is none of ours (policies/categories.csv)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.matter import Span
from services.intake.core.passage import Passage

WAGES = re.compile(
    r"(?:欠|拖|压|扣|没有?发|未发|不发|没有?给|不给|没有?结|未结|未付|不付|没拿到|要不到|讨要|克扣|未支付|不支付|一分没)"
    r"[^。；！？]{0,24}?(?:工资|薪|工钱|血汗钱|劳务费|劳动报酬|报酬|提成|生活费)"
    r"|(?:工资|薪水|薪资|工钱|劳务费|劳动报酬|报酬|月薪|血汗钱)[^。；！？]{0,24}?"
    r"(?:欠|拖|压|扣|没有?发|未发|不发|没有?给|不给|没有?结|未结|未付|不付|没拿到|要不到|未支付|不支付|一分没|没有着落|打白条)"
    r"|欠薪|讨薪|拖薪|欠工钱|被拖欠|说好一个月[^。]{0,12}没给|欠我?们?[^。，]{0,12}的?钱"
    r"|(?:差|欠)(?:了)?(?:我|我们|他|她|其)[^。；]{0,16}(?:没给|没结|未付|未给|不给)"
)
_WORKERS = re.compile(
    r"工人(?:的)?工资|农民工(?:的)?工资|民工工资|工友(?:的)?工资|班组工资|(?:欠|拖)[^。，]{0,10}工资"
)
_ASKING = re.compile(
    r"想问|咨询|请问|问一下|了解一下|是多少|怎么算|如何计算|标准是|有什么规定|是否合法|怎么办理"
)
_CHILD = re.compile(
    r"童工|(?<![\d十])(?:1[0-5]|十[一二三四五]?)(?:周)?岁[^。；]{0,16}(?:上班|打工|做工|干活|工作|夜班|服务员|招|进厂)"
    r"|(?:招|雇|用|让)[^。；]{0,12}(?<![\d十])(?:1[0-5]|十[一二三四五]?)(?:周)?岁|未满(?:16|十六)|不满(?:16|十六)|不到(?:16|十六)|(?:小学|初中)(?:没|未)毕业[^。]{0,10}(?:上班|打工|干活|厂|店)"
)
EXITS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("exit_work_injury", re.compile(r"工伤认定|认定工伤|工伤待遇|工伤赔偿|申请工伤|算工伤|按工伤|工伤")),
    ("exit_capacity", re.compile(r"劳动能力鉴定|伤残等级|伤残鉴定")),
    ("exit_housing_fund", re.compile(r"公积金")),
    ("exit_pension", re.compile(r"退休金|养老金|退休待遇|办理退休|退休手续")),
    ("exit_medical", re.compile(r"医保|医疗保险(?:报销|待遇)|医药费报销|住院报销")),
    ("exit_public_staff", re.compile(r"编制内|在编|公务员|事业编|职级|教师绩效|绩效工资改革")),
    ("exit_contract_price", re.compile(
        r"工程款|承包款|货款|材料款|分包款|结算款|运输费|租金|设备款|包工包料|合伙|分红|投资款|加盟费|借款|借钱|借了")),
    ("exit_consumer", re.compile(
        r"购房|买房|逾期交房|交房|烂尾|物业费|网购|退款|退费|健身卡|会员卡|充值|开发商|退货|假货|租房|停车|噪音扰民|漏水|中奖")),
    ("exit_environment", re.compile(r"粉尘|灰尘|口罩|护栏|职业病|安全隐患|噪声|有毒|防护用品|消防通道")),
)  # fmt: skip
LABOUR: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("deposit_or_id_withheld", re.compile(
        r"(?:身份证|证件|毕业证|资格证)[^。；，]{0,8}(?:扣|收走|押|不还|拿走)|(?:扣|押|收)[^。；，]{0,6}(?:身份证|证件|毕业证)|"
        r"(?:押金|保证金)[^。；]{0,8}(?:不退|没退|未退|不给|不还|才能)|(?:交|收|收取|不退|退)[^。；，]{0,8}(?:押金|保证金)")),
    ("female_minor", re.compile(
        r"怀孕|孕期|产假|哺乳|生育津贴|孕妇|女职工|经期|未成年工?|(?<!\d)1[67]岁|十[六七]岁")),
    ("social_insurance", re.compile(r"社保|社会保险|养老保险|五险|参保|失业保险|生育保险|工伤保险|断缴")),
    ("min_wage", re.compile(
        r"(?:低于|不到|不足|没有?达到|少于|比)[^。；，]{0,6}最低工资|最低工资[^。；，]{0,6}(?:都不到|都没|低)")),
    ("overtime", re.compile(
        r"加班费|加班工资|三倍工资|双倍工资|加班[^。；，]{0,8}(?:没|不)[^。；，]{0,4}(?:钱|给|费)|三倍")),
    ("working_hours", re.compile(
        r"每天[^。；，]{0,8}(?:\d{2}|十[^。；，]?)(?:个|多个|几个)?(?:小时|钟头)|月休|休(?:息)?(?:一|两|1|2)天|没有?休息|不让休|年休假|年假|超时加班|强制加班|通宵|连续上班|不放假")),
    ("contract", re.compile(r"(?:签|订)[^。；，]{0,8}合同|劳动合同|空白合同|合同[^。；，]{0,4}(?:不给|没给|收走)")),
    ("agency", re.compile(r"中介|职介|不给考证|培训费|考证|劳务派遣|介绍费|介绍工作")),
    ("internal_rules", re.compile(r"迟到|罚款|罚了?[一二两三四五六七八九十\d]+|店规|厂规|规章|规定辞职|制度")),
    ("other_labour", re.compile(
        r"辞退|开除|裁员|解雇|经济补偿|补偿金|高温津贴|高温补贴|年终奖|提成|奖金|离职证明|不让辞职|不批离职|劝退|赔偿金|福利|档案")),
)  # fmt: skip
_WEAK = re.compile(
    r"欠钱|欠款|不给钱|没给钱|拿不到钱|工资|薪|工钱|结账|的钱[^。；，]{0,6}(?:没|不)"
)
_CONTRACTOR = re.compile(r"包工头|承包|分包|供货|送货|供应商|材料商")
QUESTION = "exit_question"
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Reading:
    """`exit` names the way out where `category` is out_of_scope."""

    category: str
    exit: str
    rule: str
    span: Span


def category(
    texts: tuple[Passage, ...], codes: tuple[str, ...], default: str, question: bool
) -> Reading:
    """`codes`: what the source's own code may mean; `question`: the source calls it 咨询."""
    free = [one for one in texts if one.free]
    found = next((one for one in map(_text, free) if one), None)
    nowhere = Span(field=free[0].field if free else "")
    if question and not any(WAGES.search(one.text) for one in free):
        return Reading(OUT_OF_SCOPE, QUESTION, "source_says_question", nowhere)
    if found and (found.rule != "weak" or not codes):
        return found
    chosen = codes[0] if codes else (found.category if found else default)
    if chosen.startswith("exit_"):
        return Reading(OUT_OF_SCOPE, chosen, "source_code", nowhere)
    return Reading(chosen, "", "source_code" if codes else "default", nowhere)


def _text(passage: Passage) -> Reading | None:
    """Child labour first, then questions, then a plain wage claim, then exits, then the first matter named."""
    text = passage.masked
    child, wages, asking = _CHILD.search(text), WAGES.search(text), _ASKING.search(text)
    if child:
        return _reading(passage, "child_labour", "child_labour", child)
    exits = [(code, hit) for code, pattern in EXITS if (hit := pattern.search(text))]
    if wages and not _price_only(text, exits):
        return _reading(passage, "wages", "owed_wages", wages)
    labour = [(hit.start(), code, hit) for code, pattern in LABOUR if (hit := pattern.search(text))]
    if asking and not wages and not re.search(r"欠|拖|没发|不发|未发|不给|没给|被", text):
        return Reading(OUT_OF_SCOPE, QUESTION, "question", passage.span(*asking.span()))
    if exits:
        code, hit = exits[0]
        return Reading(OUT_OF_SCOPE, code, code, passage.span(*hit.span()))
    if labour:
        _, code, hit = min(labour, key=lambda one: one[0])
        return _reading(passage, code, code, hit)
    weak = _WEAK.search(text)
    return _reading(passage, "wages", "weak", weak) if weak else None


def _price_only(text: str, exits: list[tuple[str, re.Match[str]]]) -> bool:
    """工程款, 货款 or a purchase without a word of anybody's wages."""
    if not exits or exits[0][0] not in ("exit_contract_price", "exit_consumer"):
        return False
    return not _WORKERS.search(text)


def _reading(passage: Passage, code: str, rule: str, hit: re.Match[str]) -> Reading:
    return Reading(code, "", rule, passage.span(*hit.span()))


def codes_of(db44: Mapping[str, tuple[str, ...]], code: str) -> tuple[str, ...]:
    """Our categories of a DB44/T 2479 code; of its middle class where the small one is unknown."""
    for width in (6, 4):
        if code[:width] in db44:
            return db44[code[:width]]
    return ()
