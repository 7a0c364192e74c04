"""Who complains in a world, through which channels, how: raw records as channels send them."""

import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.matter import CHANNELS
from services.kernel.ids import submission_id
from services.runtime.message import Message

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLACES = (
    "凤凰街道司徒社区",
    "樊口街道樊川社区",
    "古楼街道北门社区",
    "花湖镇金鸡桥社区",
    "西山街道",
    "",
)
TRADES = ("火锅店", "生鲜超市", "电子厂", "物业公司", "幼儿园")
SECRET_NAMES = ("欧阳测甲", "司马测乙", "诸葛测丙", "上官测丁")
TELLING = ("盼青天做主", "家中老母卧病", "实在走投无路")
SHAPES_OF_TROUBLE = (
    "", "", "", "，老板跑路了联系不上", "，共12名工友", "，在某工地项目部做钢筋工", "，劳动仲裁委已经受理",
    "，地点在武汉市洪山区", "，现要求退还健身卡预付款",
)  # fmt: skip
Raw = dict[str, object]


@dataclass(frozen=True)
class Person:
    name: str
    phone: str
    id_number: str
    telling: str

    def secrets(self) -> tuple[str, ...]:
        return self.name, self.phone, self.id_number, self.telling


@dataclass(frozen=True)
class Trouble:
    """One matter: what stays the same whoever reports it where."""

    person: Person
    employer: str
    place: str
    yuan: int
    more: str


def person_of(rng: random.Random, number: int) -> Person:
    name = SECRET_NAMES[number % len(SECRET_NAMES)] + str(number)
    telling = f"{rng.choice(TELLING)}{number}"
    return Person(
        name, f"1380000{rng.randrange(10_000):04d}", f"42070419901332{number:04d}", telling
    )


def trouble_of(rng: random.Random, person: Person) -> Trouble:
    employer = f"某{rng.choice('甲乙丙丁戊')}{rng.choice(TRADES)}"
    return Trouble(
        person,
        employer,
        rng.choice(PLACES),
        rng.randint(2, 90) * 100,
        rng.choice(SHAPES_OF_TROUBLE),
    )


def text_of(one: Trouble) -> str:
    where = f"鄂城区{one.place}" if one.place else "鄂城区"
    return (
        f"市民{one.person.name}反映：在{where}{one.employer}工作，被拖欠工资{one.yuan}元{one.more}，"
        f"{one.person.telling}，联系电话{one.person.phone}"
    )


def raw_of(rng: random.Random, channel: str, number: str, one: Trouble, at: datetime) -> Raw:
    """The channel's own columns (docs of the adapters)."""
    when = at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    who, place = one.person, f"鄂城区{one.place}"
    if channel == "12345":
        quiet = rng.random() < 0.1
        return {
            "order_no": number, "content": text_of(one), "accepted_at": when, "place": one.place,
            "caller_name": who.name, "caller_phone": who.phone, "anonymous": "是" if quiet else "否",
            "demand_type": "投诉",
        }  # fmt: skip
    if channel == "12333":
        return {
            "call_no": number, "caller_phone": who.phone, "business_type": "投诉举报",
            "content": text_of(one), "called_at": when, "unit_name": one.employer,
        }  # fmt: skip
    if channel == "national":
        return {
            "clue_no": number, "reporter_name": who.name, "id_number": who.id_number,
            "mobile": who.phone, "sector": "非工程建设", "employer": one.employer, "place": place,
            "amount_yuan": one.yuan, "description": text_of(one), "submitted_at": when,
        }  # fmt: skip
    if channel == "window":
        return {
            "reg_no": number, "visited_at": at.isoformat(), "complainant_name": who.name,
            "id_number": who.id_number, "phone": who.phone, "respondent": one.employer,
            "respondent_address": place, "matters": f"拖欠工资{one.more}，{who.telling}",
            "amount_yuan": str(one.yuan), "signed": "是",
        }  # fmt: skip
    if channel == "provincial":
        return {
            "alert_no": number, "unit_name": one.employer, "alert_type": "未按月发放",
            "payable_yuan": one.yuan, "paid_yuan": 0, "people": rng.randint(1, 12),
            "generated_at": int(at.timestamp() * 1000), "contact_phone": who.phone,
            "place": one.place,
        }  # fmt: skip
    return {
        "patrol_no": number, "grid": "420704107-G02", "officer": who.name,
        "started_at": at.isoformat(), "unit_name": one.employer, "place": one.place,
        "arrears_signs": rng.choice(("有", "有", "无")), "amount_yuan": one.yuan, "people": 1,
    }  # fmt: skip


def inbound(
    channel: str, number: str, raw: Raw | bytes, at: datetime, delivery: str, key: str | None
) -> Message:
    """`key` None: the adapter gave none."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": delivery,
        "ce_source": f"urn:anxin:channel:{channel}:world",
        "ce_type": f"cn.anxin.inbound.{channel}.v1",
        "ce_time": at.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    value = raw if isinstance(raw, bytes) else json.dumps(raw, ensure_ascii=False).encode()
    headers = tuple((name, text.encode()) for name, text in attributes.items())
    return Message(f"inbound-{channel}", None if key is None else key.encode(), value, headers)


@dataclass(frozen=True)
class Told:
    """One record that was sent. `fate`: case, bad (to be quarantined) or quiet (a patrol that found nothing)."""

    at: datetime
    message: Message
    submission: UUID
    channel: str
    number: str
    fate: str


def tell(rng: random.Random, one: Trouble, at: datetime, number: str) -> list[Told]:
    """A record through some channel; then perhaps sent again, amended, or spoilt."""
    channel = rng.choice(CHANNELS)
    raw = raw_of(rng, channel, number, one, at)
    fate = "quiet" if raw.get("arrears_signs") == "无" else "case"
    identity = submission_id(channel, number)

    def sent(at: datetime, raw: Raw | bytes, delivery: str, fate: str) -> Told:
        key = rng.choice((number, number, number, None, "another key"))
        message = inbound(channel, number, raw, at, delivery, key)
        return Told(at, message, identity, channel, number, fate)

    if rng.random() < 0.08:
        return [sent(at, spoilt(rng, raw), number, "bad")]
    found = [sent(at, raw, number, fate)]
    if rng.random() < 0.3:  # the same again, under the same delivery or another
        found.append(sent(at + hours(rng, 30), raw, rng.choice((number, f"{number}-2")), fate))
    if rng.random() < 0.2:  # 催办: an amendment
        more = raw | {"urge_count": 1, "people": 3, "remark": "催办"}
        found.append(sent(at + hours(rng, 60), more, f"{number}-3", fate))
    return found


def spoilt(rng: random.Random, raw: Raw) -> Raw | bytes:
    number = next(iter(raw))
    return rng.choice((b"\xca\xd0\xff", b"{", {"x": 1}, {**raw, number: ""}, b"[]"))


def hours(rng: random.Random, most: float) -> timedelta:
    return timedelta(seconds=rng.randrange(int(most * 3600)))
