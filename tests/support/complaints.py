"""Seeded complaints as the six channels send them: raw records with invented people and generic employers."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
PLACES = (
    "凤凰街道司徒社区",
    "古楼街道北门社区",
    "泽林镇中心街社区",
    "花湖镇金鸡桥社区",
    "樊口街道",
)
EMPLOYERS = ("某火锅店", "某服装加工厂", "某生鲜超市", "某家政服务部", "某足浴店")
Sent = tuple[str, bytes | None, bytes, list[tuple[str, bytes]]]
"""Topic, key, value, headers."""


def national(number: str, phone: str, employer: str, place: str, at: datetime) -> dict[str, Any]:
    return {
        "clue_no": number, "reporter_name": "周某", "mobile": phone, "employer": employer,
        "place": f"鄂城区{place}", "arrears_from": "2025-10", "arrears_to": "2025-12",
        "amount_yuan": "8,000.00", "people": 1, "submitted_at": _plain(at),
        "description": "工资一直没有结清，多次催要没有结果",
    }  # fmt: skip


def provincial(number: str, _: str, employer: str, place: str, at: datetime) -> dict[str, Any]:
    return {
        "alert_no": number, "unit_name": employer, "alert_type": "未按月发放", "period": "2025-12",
        "payable_yuan": "12400", "paid_yuan": "0", "people": 2, "place": f"鄂城区{place}",
        "generated_at": _plain(at),
    }  # fmt: skip


def hotline(number: str, phone: str, employer: str, place: str, at: datetime) -> dict[str, Any]:
    return {
        "order_no": number, "title": f"{employer}拖欠工资", "caller_phone": phone,
        "content": f"市民来电反映：在鄂城区{place}{employer}做工，被拖欠2025年10月至12月工资六千二，联系电话{phone}",
        "demand_type": "投诉", "accepted_at": _plain(at),
    }  # fmt: skip


def labour_line(number: str, phone: str, employer: str, place: str, at: datetime) -> dict[str, Any]:
    return {
        "call_no": number, "caller_phone": phone, "business_type": "投诉举报", "unit_name": employer,
        "content": f"在鄂城区{place}{employer}，被拖欠2025年10月至12月工资六千二", "called_at": _plain(at),
    }  # fmt: skip


def window(number: str, phone: str, employer: str, place: str, at: datetime) -> dict[str, Any]:
    return {
        "reg_no": number, "visited_at": at.isoformat(), "complainant_name": "刘某", "phone": phone,
        "respondent": employer, "respondent_address": f"鄂城区{place}", "claim_yuan": 8000,
        "matters": "拖欠2025年10月至12月工资", "people": 1, "signed": "是",
    }  # fmt: skip


def patrol(number: str, _: str, employer: str, place: str, at: datetime) -> dict[str, Any]:
    return {
        "patrol_no": number, "started_at": at.isoformat(), "unit_name": employer,
        "place": f"鄂城区{place}", "arrears_signs": "有", "amount_yuan": 5400, "people": 1,
    }  # fmt: skip


MAKERS = {
    "national": national, "provincial": provincial, "12345": hotline, "12333": labour_line,
    "window": window, "patrol": patrol,
}  # fmt: skip


def complaints(count: int, seed: int, at: datetime) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(channel, external number, raw): every third person calls again through another channel."""
    chance = random.Random(seed)
    phones: list[tuple[str, str, str]] = []
    for number in range(count):
        channel = chance.choice(list(MAKERS))
        if phones and chance.random() < 0.3:
            phone, employer, place = chance.choice(phones)
        else:
            phone = f"1380000{chance.randrange(10_000):04d}"
            employer, place = chance.choice(EMPLOYERS), chance.choice(PLACES)
            phones.append((phone, employer, place))
        name = f"{channel}-{seed}-{number:05d}"
        moment = at + timedelta(seconds=number)
        yield channel, name, MAKERS[channel](name, phone, employer, place, moment)


def inbound(channel: str, number: str, raw: Any, at: datetime, delivery: str = "") -> Sent:
    """As an adapter puts it on its topic. `raw` may be bytes: a broken record."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", (delivery or number)[:64].encode()),
        ("ce_source", f"urn:anxin:channel:{channel}:test".encode()),
        ("ce_type", f"cn.anxin.inbound.{channel}.v1".encode()),
        ("ce_time", at.isoformat().encode()),
        ("content-type", b"application/json"),
    ]
    value = raw if isinstance(raw, bytes) else json.dumps(raw, ensure_ascii=False).encode()
    return f"inbound-{channel}", number.encode(), value, headers


def _plain(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
