"""Seeded complaints in the hotline's words, with what a careful clerk would note of each: styles, typos, traps.

A vector is put together from independent parts (where, who, how much, since when, what else is said), so that its
expectation follows from the parts and not from the rules that read it.
"""

# ruff: noqa: E501 - a Chinese sentence is counted double and reads badly broken
import csv
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.support.tellings import BRANDS, SURNAMES

VILLAGES = Path(__file__).parents[2] / "policies/places/villages.csv"
AT = "2026-11-20 10:00:00"
KINDS = (
    "火锅店", "烧烤店", "便利店", "生鲜超市", "理发店", "足浴店", "服装厂", "电子厂", "家具厂", "门窗加工店", "汽修厂", "快递站",
    "幼儿园", "养老院", "物流公司", "家政公司", "洗车行", "农家乐", "砂石厂", "印刷厂", "宾馆", "KTV", "健身房", "驾校", "药店",
    "蛋糕店", "奶茶店", "茶楼", "养猪场", "鞋厂", "包装厂", "培训学校", "物业公司", "装饰公司", "建材经营部", "茶社", "花店",
)  # fmt: skip
JOBS = ("上班", "打工", "干活", "做事", "工作")
OPENERS = (
    "", "市民来电反映：", "来电人称，", "诉求人反映，", "您好，", "你好，我想投诉，", "领导好，", "群众反映：", "我要举报，", "麻烦帮忙处理一下，",
)  # fmt: skip
CLOSERS = (
    "", "请帮忙解决。", "多次讨要无果。", "希望有关部门尽快处理。", "现在家里急等用钱。", "打了好几次电话都没有结果，请督促。",
    "诉求：尽快支付。", "要求回复。", "我真的没办法了才打的电话。",
)  # fmt: skip
DIGRESSIONS = (
    "", "", "我孩子上学要交3500块学费。", "我去年在武汉做过生意亏了20万。", "厂里一共有两百多人。", "我在银行排队等了两个小时。",
    "我老公在深圳打工。", "我是2019年搬到这边来的。", "这个月房租还差800。", "之前也打过12345，没有下文。", "门口停着一辆奔驰车。",
)  # fmt: skip
TYPOS = {"工资": ("公资", "工姿"), "拖欠": ("托欠", "拖歉"), "老板": ("老版",)}
"""What a hurried thumb or an input method makes of the commonest words."""


@dataclass(frozen=True)
class Told:
    """`text` so far and what it says."""

    text: str
    expect: dict[str, Any] = field(default_factory=dict)

    def more(self, text: str, **said: Any) -> "Told":
        return replace(self, text=self.text + text, expect=self.expect | said)


def places() -> list[tuple[str, str]]:
    """Unit and village as written in full; of the names that stand once."""
    with VILLAGES.open(encoding="utf-8", newline="") as file:
        rows = [
            row for row in csv.DictReader(file)
            if row["confidence"] == "certain" and row["virtual"] == "no" and not row["overlay"]
        ]  # fmt: skip
    return [(row["unit"], row["name"]) for row in rows]


PLACES = places()


def vector(rng: random.Random, number: int) -> dict[str, Any]:
    """As a line of tests/vectors/complaints.jsonl."""
    story = rng.choices(STORIES, weights=[weight for _, weight in WEIGHTS])[0]
    told = story(rng)
    text = rng.choice(OPENERS) + told.text
    text += rng.choice(CLOSERS)
    if rng.random() < 0.15:
        text = _mistyped(rng, text)
    base = {
        "unit": None, "village": None, "employer": None, "people": None, "amount_yuan": None, "category": "wages",
        "urgent": False, "competence": "accept",
    }  # fmt: skip
    raw = {"order_no": f"SP{number}", "content": text, "accepted_at": AT}
    return {"id": f"SP{number}", "channel": "12345", "raw": raw, "expect": base | told.expect}


def _mistyped(rng: random.Random, text: str) -> str:
    word = rng.choice(list(TYPOS))
    return text.replace(word, rng.choice(TYPOS[word]), 1)


def _name(rng: random.Random) -> str:
    kind = rng.choice(KINDS)
    shape = rng.randrange(5)
    if shape == 0:
        return f"{rng.choice(SURNAMES)}记{kind}"
    if shape == 1:
        return f"老{rng.choice(SURNAMES)}{kind}"
    if shape == 2:
        return f"某{kind}"
    return rng.choice(BRANDS) + kind


def _where(rng: random.Random) -> tuple[str, dict[str, Any]]:
    unit, village = rng.choice(PLACES)
    if rng.random() < 0.4:
        return unit, {"unit": unit}
    spoken = village.replace("村委会", "村").replace("居委会", "社区")
    return unit + spoken, {"unit": unit, "village": village}


def _placed(rng: random.Random) -> Told:
    """Place and employer, in one of the orders people use."""
    (where, said), name = _where(rng), _name(rng)
    job, front = rng.choice(JOBS), rng.choice(("我", "本人", "其", ""))
    text = rng.choice((
        f"{front}在{where}{name}{job}，", f"{front}在{where}的{name}{job}，", f"{where}{name}，", f"反映{where}{name}，",
        f"{front}在{where}一家叫“{name}”的地方{job}，", f"单位：{name}，地址：{where}，", f"{front}在{name}{job}，地点在{where}，",
    ))  # fmt: skip
    return Told(text, {**said, "employer": name})


def _figure(rng: random.Random) -> tuple[str, int]:
    """A sum as people write it, and its value (the lower bound where it is rough)."""
    thousand, hundred = rng.randint(2, 9), rng.randint(1, 9)
    digits = "零一二三四五六七八九"
    whole, exact = thousand * 1000 + hundred * 100, rng.randint(1200, 58000)
    return rng.choice((
        (f"{exact}元", exact), (f"{exact}块钱", exact), (f"{exact:,}元", exact),
        (f"{digits[thousand]}千{digits[hundred]}", whole), (f"{digits[thousand]}千{digits[hundred]}百块", whole),
        (f"{thousand}万{hundred}", thousand * 10000 + hundred * 1000), (f"{thousand}.{hundred}万元", thousand * 10000 + hundred * 1000),
        (f"{digits[thousand]}万多块", thousand * 10000), (f"{thousand}千多元", thousand * 1000), (f"{thousand}万余元", thousand * 10000),
    ))  # fmt: skip


def arrears(rng: random.Random) -> Told:
    written, yuan = _figure(rng)
    told = rng.choice((
        f"老板拖欠工资{written}，", f"被拖欠工资共计{written}，", f"还欠我{written}工资没给，", f"三个月的工资没发，一共{written}，",
        f"工资一直没结，总共{written}，", f"欠薪{written}，", f"离职后工资没有结清，还差{written}，",
    ))  # fmt: skip
    return _aside(rng, _placed(rng).more(told, amount_yuan=yuan))


def by_month(rng: random.Random) -> Told:
    rate, months = rng.randint(20, 60) * 100, rng.randint(2, 6)
    spoken = "零一两三四五六"[months]
    told = rng.choice((
        f"月薪{rate}元，拖欠{months}个月工资，", f"一个月{rate}，{spoken}个月没发工资了，", f"老板{spoken}个月没给工资，说好每个月{rate}块，",
    ))  # fmt: skip
    return _aside(rng, _placed(rng).more(told, amount_yuan=rate * months))


def by_day(rng: random.Random) -> Told:
    rate, days = rng.randint(10, 30) * 10, rng.randint(3, 25)
    told = rng.choice((
        f"约定一天{rate}元，干了{days}天，一分钱没给，", f"做了{days}天，{rate}块一天，工钱没结，",
        f"日薪{rate}元，共做{days}天，老板一直不给工资，",
    ))  # fmt: skip
    return _placed(rng).more(told, amount_yuan=rate * days)


def part_paid(rng: random.Random) -> Told:
    whole, paid = rng.randint(60, 120) * 100, rng.randint(10, 40) * 100
    told = rng.choice((
        f"工资一共{whole}元，只给了{paid}元，剩下的一直不给，", f"应发{whole}元，实发{paid}元，", f"总共{whole}，已付{paid}，还欠{whole - paid}元工资，",
    ))  # fmt: skip
    return _placed(rng).more(told, amount_yuan=whole - paid)


def group(rng: random.Random) -> Told:
    heads, (written, yuan) = rng.randint(2, 30), _figure(rng)
    told = rng.choice((
        f"我们{heads}个人的工资都没发，合计{written}，", f"拖欠{heads}名工人工资共{written}，", f"欠我们班组{heads}个人工资，加起来{written}，",
        f"我和另外{heads - 1}个同事都没拿到工资，总共{written}，",
    ))  # fmt: skip
    return _placed(rng).more(told, amount_yuan=yuan, people=heads, urgent=heads >= 10)


def fled(rng: random.Random) -> Told:
    signs = (
        "老板跑路了，电话打不通，", "老板失联了，店里人去楼空，", "厂里机器都被拉走了，老板联系不上，", "大家商量明天去堵门，",
        "再不给我就从楼顶跳下去，", "工友们准备拉横幅，", "老板找人把我打了一顿，", "说再不给就去北京上访，", "老板带着钱跑了，",
    )  # fmt: skip
    return arrears(rng).more(rng.choice(signs), urgent=True)


def calm(rng: random.Random) -> Told:
    signs = (
        "老板没有跑路，就是没钱，", "我不想闹事，只想拿到钱，", "老板人还在，电话也接，", "老板威胁说要开除我，", "我们没有堵门，也不会去，",
    )  # fmt: skip
    return arrears(rng).more(rng.choice(signs))


def elsewhere(rng: random.Random) -> Told:
    where = rng.choice(
        (
            "武汉市洪山区",
            "黄石市下陆区",
            "黄冈市黄州区",
            "梁子湖区太和镇",
            "华容区段店镇",
            "葛店开发区",
            "大冶市",
        )
    )
    name, (written, yuan) = f"{rng.choice(BRANDS)}{rng.choice(KINDS)}", _figure(rng)
    home = rng.choice(
        ("", "我家住鄂城区泽林镇，", "本人是鄂城区人，", "我现在回到鄂州西山街道了，")
    )
    told = Told(f"{home}在{where}{name}上班，拖欠工资{written}，")
    return told.more("", employer=name, amount_yuan=yuan, competence="other_district")


def barred(rng: random.Random) -> Told:
    year, (written, yuan) = rng.randint(2019, 2023), _figure(rng)
    told = rng.choice(
        (
            f"{year}年5月到8月的工资{written}到现在没给，",
            f"{year}年就离职了，工资{written}一直没付，",
        )
    )
    return _placed(rng).more(told, amount_yuan=yuan, competence="time_barred")


def arbitrated(rng: random.Random) -> Told:
    told = rng.choice((
        "已经向仲裁委申请了仲裁，还没开庭，", "上个月劳动仲裁已经受理了，", "法院已经判决公司支付，公司不执行，",
    ))  # fmt: skip
    return arrears(rng).more(told, competence="in_arbitration")


def considering(rng: random.Random) -> Told:
    told = rng.choice(
        (
            "想问要不要去仲裁，",
            "不想走仲裁，太慢了，",
            "公司叫我们去仲裁，",
            "如果不行就去法院起诉，",
        )
    )
    return arrears(rng).more(told)


def overtime(rng: random.Random) -> Told:
    told = rng.choice(
        (
            "天天加班到九点，没有加班费，",
            "国庆加班三天，不给三倍工资，",
            "周末加班从来没有加班工资，",
        )
    )
    return _placed(rng).more(told, category="overtime")


def insurance(rng: random.Random) -> Told:
    told = rng.choice(
        (
            "入职两年了没有给我交社保，",
            "公司不给员工买社保，",
            "单位停缴了我的养老保险，",
            "社保只交了三个月就断缴了，",
        )
    )
    return _placed(rng).more(told, category="social_insurance")


def deposit(rng: random.Random) -> Told:
    yuan = rng.randint(2, 20) * 100
    told = rng.choice(
        (
            f"离职后押金{yuan}元不退，",
            f"入职收了{yuan}元服装费，走的时候不退，",
            f"交的{yuan}块押金一直不给退，",
        )
    )
    return _placed(rng).more(told, category="deposit_or_id_withheld", amount_yuan=yuan)


def unsigned(rng: random.Random) -> Told:
    told = rng.choice(
        ("上班半年了一直不签劳动合同，", "没有签合同，", "公司拒绝签订书面劳动合同，")
    )
    return _placed(rng).more(told, category="contract")


def dismissed(rng: random.Random) -> Told:
    told = rng.choice(
        (
            "无故把我辞退，没有任何补偿，",
            "公司裁员不给经济补偿，",
            "突然通知我明天不用来了，也不给补偿，",
        )
    )
    return _placed(rng).more(told, category="other_labour")


def hours(rng: random.Random) -> Told:
    told = rng.choice(
        (
            "每天干13个小时，一个月只休一天，",
            "强制加班到晚上十一点，没有休息日，",
            "一天上12个小时，全年无休，",
        )
    )
    return _placed(rng).more(told, category="working_hours")


def child(rng: random.Random) -> Told:
    told = rng.choice(
        (
            "招了一个十四岁的孩子端盘子，",
            "有个15岁的男孩在里面上夜班，",
            "使用童工，",
            "雇了未满16岁的学生打工，",
        )
    )
    return _placed(rng).more(told, category="child_labour", urgent=True)


def pregnant(rng: random.Random) -> Told:
    told = rng.choice(
        ("知道我怀孕后就把我辞退了，", "我在哺乳期，公司强行调岗降薪，", "怀孕四个月被逼离职，")
    )
    return _placed(rng).more(told, category="female_minor")


def outside(rng: random.Random) -> Told:
    (where, _), name = _where(rng), _name(rng)
    texts = (
        "想咨询一下鄂州市今年的最低工资标准是多少，", "请问失业金怎么申领，", f"我在{where}{name}办的健身卡，店关门了不退款，",
        f"我承包了{where}厂房的水电，对方欠我工程款{rng.randint(3, 30)}万，", f"{where}的小区物业费乱涨，", "公积金怎么提取，",
        f"在{where}{name}上班摔伤了，老板不给医药费，要求认定工伤，", "我妈的退休金少发了，", f"{where}工地半夜施工噪音扰民，",
        f"在{where}{name}买的手机是假货要求退货，", "邻居借了我3万块钱不还，", f"房东不退我{where}租房的押金，",
    )  # fmt: skip
    return Told(rng.choice(texts), {"category": "out_of_scope", "competence": "not_labour"})


def nameless(rng: random.Random) -> Told:
    written, yuan = _figure(rng)
    told = rng.choice(
        (f"老板欠我工资{written}，", f"拖欠工资{written}不给，", f"有人欠我{written}工钱，")
    )
    return Told(told, {"amount_yuan": yuan, "competence": "needs_more_info"})


def _aside(rng: random.Random, told: Told) -> Told:
    """What does not belong to the matter, in a sentence of its own."""
    aside = rng.choice(DIGRESSIONS)
    return told.more("。" + aside) if aside else told


WEIGHTS = (
    (arrears, 16), (by_month, 8), (by_day, 6), (part_paid, 5), (group, 8), (fled, 8), (calm, 4), (elsewhere, 5),
    (barred, 4), (arbitrated, 4), (considering, 3), (overtime, 3), (insurance, 4), (deposit, 3), (unsigned, 3),
    (dismissed, 3), (hours, 3), (child, 3), (pregnant, 3), (outside, 8), (nameless, 2),
)  # fmt: skip
STORIES = tuple(story for story, _ in WEIGHTS)
