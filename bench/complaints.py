"""Realistic input: raw records of a hotline, and what the real cores make of them on `cases` and `routings`."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.codec import encode
from schemas.event import Headers, Out, Record
from schemas.topics import PARTITIONS
from services.intake.core.decode import decode_inbound
from services.intake.core.policy import Policy as IntakePolicy
from services.intake.core.receive import receive
from services.intake.core.recognise import recognise
from services.intake.settings import load_policy as intake_policy
from services.kernel.ids import case_id, derived_id, submission_id
from services.router.core.policy import Policy as RouterPolicy
from services.router.core.route import route
from services.router.settings import load_policy as router_policy
from services.runtime.message import Message
from services.runtime.policy_files import table
from services.runtime.settings import Settings
from services.runtime.settle import partition_of

CHANNEL = "12345"
ZONE = ZoneInfo("Asia/Shanghai")
TRADES = ("火锅店", "服装加工厂", "生鲜超市", "家政服务部", "足浴店", "快递驿站")
SIGNS = "鑫盛宏福顺康恒瑞祥源聚兴隆万利美嘉益丰佳诚裕昌旺"
"""Two of them before a trade: 3 456 employers, so that few complaints make a group (docs/adr/0015)."""
DELAY = timedelta(seconds=1)  # the router's answer, so that no clock of receipt lapses meanwhile


@dataclass(frozen=True, slots=True)
class Complaint:
    """A record as its adapter sends it, and the case that it opens."""

    number: str
    case: UUID
    value: bytes
    headers: Headers


@dataclass(frozen=True, slots=True)
class Pattern:
    """Messages of one real case; `copy` gives the same about another case, at the cost of a few replacements."""

    case: str
    messages: tuple[Message, ...]

    def copy(self, ordinal: int) -> list[Message]:
        fresh = str(derived_id(UUID(self.case), "bench", ordinal))
        old, new = self.case.encode(), fresh.encode()
        return [
            Message(
                one.topic,
                new,
                one.value.replace(old, new) if one.value else None,
                tuple((name, _header(name, raw, old, new, one.topic)) for name, raw in one.headers),
                partition_of(fresh, PARTITIONS),
            )
            for one in self.messages
        ]


def _header(name: str, raw: bytes, old: bytes, new: bytes, topic: str) -> bytes:
    """Another case is another event."""
    if name == "ce_id":
        return str(derived_id(UUID(new.decode()), f"bench/{topic}")).encode()
    return raw.replace(old, new)


def message_of(out: Out) -> Message:
    headers, value = encode(out.event)
    return Message(out.topic, out.key.encode(), value, tuple(headers))


@dataclass(frozen=True)
class Maker:
    """Seeded. Every complaint has its own person, so that each opens a case of its own."""

    seed: int
    settings: Settings

    @cached_property
    def intake(self) -> IntakePolicy:
        return intake_policy(self.settings, b"bench" * 8)

    @cached_property
    def router(self) -> RouterPolicy:
        return router_policy(self.settings)

    @cached_property
    def places(self) -> list[str]:
        rows = table(self.settings.policies / "places" / "villages.csv")
        sure = [row for row in rows if row["confidence"] == "certain" and row["virtual"] == "no"]
        return [f"鄂城区{row['unit']}{row['name']}" for row in sure]

    def complaints(self, count: int, at: datetime) -> Iterator[Complaint]:
        chance = random.Random(self.seed)
        for ordinal in range(count):
            number = f"EZ{self.seed:04d}{ordinal:08d}"
            value = json.dumps(self._raw(chance, number, ordinal, at), ensure_ascii=False).encode()
            case = case_id(submission_id(CHANNEL, number))
            yield Complaint(number, case, value, _headers(number, at))

    def _raw(self, chance: random.Random, number: str, ordinal: int, at: datetime) -> object:
        phone = f"13{self.seed % 10}{ordinal:08d}"
        where = chance.choice(self.places)
        who = "".join(chance.choices(SIGNS, k=2)) + chance.choice(TRADES)
        yuan = chance.randrange(2000, 30_000, 100)
        told = (
            f"市民来电反映：其于2026年7月至9月在{where}{who}工作，被拖欠工资共计{yuan}元，"
            f"多次向负责人催要未果，联系电话{phone}，诉求：请相关部门核实并尽快支付。"
        )
        return {
            "order_no": number,
            "title": f"{who}拖欠工资",
            "content": told,
            "caller_name": "周某",
            "caller_phone": phone,
            "demand_type": "投诉",
            "place": where,
            "accepted_at": at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        }

    def opened(self, count: int, at: datetime) -> Iterator[Out]:
        """`CaseOpened` as intake's own two decisions say it."""
        for one in self.complaints(count, at):
            topic, key = f"inbound-{CHANNEL}", one.number.encode()
            record = Record(topic, 0, 0, at, key, one.value, one.headers)
            arrival = decode_inbound(self.intake.columns, self.intake.district, record, at)
            (received,) = receive(self.intake, None, arrival, b"k" * 32, at).events
            outs = recognise(self.intake, None, received.event, at).events
            yield from (out for out in outs if out.topic == "cases")

    def patterns(self, count: int, at: datetime, *, routed: bool = False) -> list[Pattern]:
        found = []
        for opened in self.opened(count, at):
            outs = (opened, self.routed(opened)) if routed else (opened,)
            found.append(Pattern(opened.key, tuple(message_of(out) for out in outs)))
        return found

    def routed(self, opened: Out) -> Out:
        """What the router says of it."""
        now = opened.event.time + DELAY
        (out,) = route(self.router, None, opened.event, now).events
        return out


def _headers(number: str, at: datetime) -> Headers:
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", number.encode()),
        ("ce_source", f"urn:anxin:channel:{CHANNEL}:bench".encode()),
        ("ce_type", f"cn.anxin.inbound.{CHANNEL}.v1".encode()),
        ("ce_time", at.isoformat().encode()),
        ("content-type", b"application/json"),
    )
