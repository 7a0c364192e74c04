"""How people tell a channel of arrears, as raw records: fully, shortly, mistyped, roughly. All of it is invented."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 9, 7, 9, 0, tzinfo=ZONE)
PLACES = (
    "凤凰街道司徒社区", "古楼街道北门社区", "泽林镇中心街社区", "花湖镇金鸡桥社区",
    "樊口街道樊川社区", "西山街道寒溪社区", "汀祖镇", "燕矶镇", "杜山镇", "碧石渡镇", "新庙镇", "杨叶镇",
)  # fmt: skip
BRANDS = (
    "好又来", "福满多", "锦和", "鑫隆源", "百味轩", "顺发", "德润", "晨光达", "金桂", "悦客来", "聚丰园",
    "华兴", "众诚", "天虹", "蓝海", "宏图", "双喜", "长城", "瑞祥", "诚信达", "老灶台",
    "喜来登丰", "楚乡", "江南春", "正泰和", "欣欣",
)  # fmt: skip
TRADES = (
    "便利店", "生鲜超市", "火锅店", "服装加工厂", "电子厂", "物业服务部", "家政服务部", "快递站", "汽修厂", "足浴店",
    "幼儿园", "餐饮管理有限公司", "服饰有限公司", "物流有限公司", "建材有限公司",
)  # fmt: skip
SURNAMES = "周吴郑冯陈褚卫蒋沈韩杨朱秦尤许何吕施孔曹严华金魏陶姜"
GIVEN = (
    "建国",
    "丽华",
    "志强",
    "桂芳",
    "海波",
    "春梅",
    "国庆",
    "小红",
    "德明",
    "秀英",
    "子涵",
    "文军",
    "玉兰",
    "长江",
)
SOUNDS = {
    "来": "莱", "满": "漫", "锦": "景", "隆": "龙", "源": "元", "轩": "宣", "发": "法", "润": "闰",
    "晨": "辰", "桂": "贵", "悦": "月", "丰": "峰", "兴": "星", "诚": "城", "虹": "红", "蓝": "兰",
    "宏": "洪", "喜": "禧", "祥": "翔", "台": "抬", "楚": "初", "泰": "太",
}  # fmt: skip
"""Homophones: what an input method offers instead."""
NEIGHBOURS = {
    "好又来": "好又多",
    "福满多": "福满园",
    "华兴": "华盛",
    "金桂": "金悦",
    "顺发": "顺达",
    "聚丰园": "聚福园",
    "天虹": "天和",
}
"""Another shop of the same street."""
DIGITS = "零一二三四五六七八九十"


@dataclass(frozen=True)
class Person:
    name: str
    phone: str
    id_number: str


@dataclass(frozen=True)
class Matter:
    """`months`: of 2026, first and last."""

    employer: str
    place: str
    yuan: int
    months: tuple[int, int]


@dataclass(frozen=True)
class Telling:
    """How one record says it. `quiet`: anonymous. `named`, `dated`, `summed`: whether it says who, when, how much.

    `rough`: about so much, since about then.
    """

    channel: str
    employer: str
    at: datetime
    named: bool = True
    dated: bool = True
    summed: bool = True
    quiet: bool = False
    rough: bool = False
    ref: str = ""


def person(rng: random.Random) -> Person:
    body = f"420704{rng.randint(1965, 2004)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(0, 999):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(w * int(c) for w, c in zip(weights, body, strict=True)) % 11]
    name = rng.choice(SURNAMES) + rng.choice(GIVEN)
    return Person(name, f"138000{rng.randrange(100_000):05d}", body + check)


def matter(rng: random.Random) -> Matter:
    first = rng.randint(2, 6)
    employer = rng.choice(BRANDS) + rng.choice(TRADES)
    yuan = rng.choice(
        (rng.randint(12, 98) * 100, rng.randint(3, 40) * 1000, rng.randint(1500, 30000))
    )
    return Matter(employer, rng.choice(PLACES), yuan, (first, first + rng.randint(0, 1)))


def told(
    rng: random.Random, number: str, who: Person, what: Matter, how: Telling
) -> tuple[str, dict[str, Any]]:
    return how.channel, RAW[how.channel](rng, number, who, what, how)


def telling(
    rng: random.Random, what: Matter, at: datetime, channels: str = "", **more: Any
) -> Telling:
    channel = more.pop("channel", "") or rng.choice(
        (channels or "12345 12333 national window").split()
    )
    full = {
        "employer": what.employer,
        "named": rng.random() < 0.8,
        "dated": rng.random() < 0.75,
        "summed": rng.random() < 0.75,
    }
    return Telling(channel, at=at, **(full | more))


def later(rng: random.Random, at: datetime) -> datetime:
    """A few minutes, the next day, weeks."""
    return at + rng.choice(
        (timedelta(minutes=9), timedelta(hours=26), timedelta(days=rng.randint(3, 40)))
    )


def short(rng: random.Random, name: str) -> str:
    """As people say it: without legal form, without half of the trade, with the city before it."""
    bare = name.removesuffix("有限公司")
    ways = [bare, f"鄂州市{name}", f"鄂城区{bare}"]
    for long, brief in (
        ("加工厂", "厂"),
        ("生鲜超市", "超市"),
        ("服务部", ""),
        ("餐饮管理", "餐饮"),
        ("火锅店", "火锅"),
    ):
        if bare.endswith(long):
            ways.append(bare.removesuffix(long) + brief)
    return rng.choice(ways)


def mistyped(name: str) -> str:
    wrong = next((char for char in name if char in SOUNDS), "")
    return name.replace(wrong, SOUNDS[wrong], 1) if wrong else name


def _months(rng: random.Random, what: Matter, how: Telling) -> str:
    first, last = what.months
    if how.rough:
        last = first
    if first == last:
        return rng.choice((f"2026年{first}月的", f"{DIGITS[first]}月份的", f"{first}月"))
    return rng.choice(
        (
            f"2026年{first}月到{last}月的",
            f"{first}月至{last}月",
            f"{DIGITS[first]}、{DIGITS[last]}月份的",
        )
    )


def _sum(rng: random.Random, what: Matter, how: Telling) -> str:
    if how.rough:
        whole = what.yuan // 1000 * 1000 or what.yuan // 100 * 100
        return rng.choice((f"大概{whole}元", f"{whole}多元", f"将近{whole + 1000}块"))
    return rng.choice((f"{what.yuan}元", f"共计{what.yuan}元", f"一共{what.yuan}块"))


def _text(rng: random.Random, what: Matter, how: Telling) -> str:
    when = _months(rng, what, how) if how.dated else ""
    money = _sum(rng, what, how) if how.summed else ""
    name = how.employer
    return rng.choice((
        f"市民反映：在鄂城区{what.place}{name}上班，拖欠{when}工资{money}，请尽快核实处理。",
        f"来电人称其在{what.place}的{name}工作，被拖欠{when}工资{money}，多次讨要无果。",
        f"{name}（{what.place}）欠我{when}工资{money}，老板一直拖",
        f"我是{what.place}{name}的员工，公司不发{when}工资{money}，要求支付。",
    ))  # fmt: skip


def _plain(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def _period(what: Matter, how: Telling) -> dict[str, str]:
    first, last = what.months
    return (
        {"arrears_from": f"2026-{first:02d}", "arrears_to": f"2026-{last:02d}"} if how.dated else {}
    )


def _hotline(
    rng: random.Random, number: str, who: Person, what: Matter, how: Telling
) -> dict[str, Any]:
    raw = {
        "order_no": number,
        "content": _text(rng, what, how),
        "accepted_at": _plain(how.at),
        "demand_type": "投诉",
    }
    if how.ref:
        raw["duplicate_of"] = how.ref
    if how.quiet:
        return raw | {"anonymous": "是"}
    return raw | {
        "caller_phone": who.phone,
        "caller_name": who.name if how.named else f"{who.name[0]}先生",
    }


def _labour(
    rng: random.Random, number: str, who: Person, what: Matter, how: Telling
) -> dict[str, Any]:
    raw = {
        "call_no": number,
        "caller_phone": who.phone,
        "business_type": "投诉举报",
        "called_at": _plain(how.at),
    }
    raw |= {"content": _text(rng, what, how), "unit_name": how.employer}
    raw |= {"caller_name": who.name} if how.named else {}
    return raw | ({"ref_no": how.ref} if how.ref else {})


def _national(
    rng: random.Random, number: str, who: Person, what: Matter, how: Telling
) -> dict[str, Any]:
    raw = {
        "clue_no": number, "reporter_name": who.name, "mobile": who.phone, "id_number": who.id_number,
        "employer": how.employer, "place": f"鄂州市鄂城区{what.place}", "sector": "非工程建设",
        "submitted_at": _plain(how.at),
        "description": rng.choice(("工资没有结清", "拖欠工资，多次讨要无果", "老板不给工资")),
    }  # fmt: skip
    raw |= {"amount_yuan": f"{what.yuan:,}.00"} if how.summed else {}
    return raw | _period(what, how)


def _window(
    rng: random.Random, number: str, who: Person, what: Matter, how: Telling
) -> dict[str, Any]:
    when = _months(rng, what, how) if how.dated else ""
    raw = {
        "reg_no": number, "visited_at": how.at.isoformat(), "complainant_name": who.name, "phone": who.phone,
        "id_number": who.id_number, "respondent": how.employer, "respondent_address": f"鄂城区{what.place}",
        "matters": f"拖欠{when}工资", "signed": "是",
    }  # fmt: skip
    return raw | ({"amount_yuan": what.yuan} if how.summed else {})


RAW = {"12345": _hotline, "12333": _labour, "national": _national, "window": _window}
