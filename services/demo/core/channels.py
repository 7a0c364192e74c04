"""One invented matter as each of the six channels would write it down. Pure; names as in channel-fields.csv."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Matter:
    """`at`: local. `first`, `last`: months as 2026-09. `place`: 花湖镇金鸡桥社区."""

    number: int
    at: datetime
    grid: str
    place: str
    employer: str
    job: str
    person: str
    phone: str
    amount_yuan: int
    people: int
    first: str
    last: str
    text: str
    site: bool = False


Raw = Mapping[str, JsonValue]


def _national(m: Matter, no: str) -> Raw:
    return {
        "clue_no": no, "reporter_name": m.person, "mobile": m.phone, "confidential": "否",
        "sector": "工程建设" if m.site else "非工程建设", "employer": m.employer, "place": f"鄂城区{m.place}",
        "arrears_from": m.first, "arrears_to": m.last, "amount_yuan": m.amount_yuan, "people": m.people,
        "job": m.job, "description": m.text, "submitted_at": _local(m.at),
        "assigned_at": (m.at + timedelta(minutes=20)).isoformat(), "assigned_level": "区",
    }  # fmt: skip


def _provincial(m: Matter, no: str) -> Raw:
    return {
        "alert_no": no, "unit_name": m.employer, "alert_type": "未按月发放", "period": m.last,
        "payable_yuan": m.amount_yuan, "paid_yuan": 0, "people": m.people, "risk_level": "橙",
        "generated_at": round(m.at.timestamp() * 1000), "assigned_by": "属地议事协调机构", "place": m.place,
    }  # fmt: skip


def _12345(m: Matter, no: str) -> Raw:
    return {
        "order_no": no, "title": f"{m.employer}拖欠工资", "content": f"市民{m.person}来电：{m.text}联系电话{m.phone}。",
        "caller_phone": m.phone, "demand_type": "投诉", "confidential": "否", "accepted_at": _local(m.at),
        "urgency": "一般", "host_unit": "区人社局",
    }  # fmt: skip


def _12333(m: Matter, no: str) -> Raw:
    return {
        "call_no": no, "seat": "07", "caller_phone": m.phone, "region": "鄂城区", "business_type": "投诉举报",
        "unit_name": m.employer, "content": m.text, "called_at": _local(m.at), "transfer_unit": "区劳动保障维权中心",
    }  # fmt: skip


def _window(m: Matter, no: str) -> Raw:
    return {
        "reg_no": no, "visited_at": m.at.isoformat(), "receiver": "值班员", "complainant_name": m.person,
        "phone": m.phone, "respondent": m.employer, "respondent_address": f"鄂城区{m.place}", "matters": "拖欠工资",
        "arrears_from": m.first, "arrears_to": m.last, "amount_yuan": m.amount_yuan, "people": m.people,
        "evidence": ["考勤截图"], "arbitration_or_suit": "否", "signed": "是",
    }  # fmt: skip


def _patrol(m: Matter, no: str) -> Raw:
    return {
        "patrol_no": no, "grid": m.grid, "officer": "网格员", "started_at": (m.at - timedelta(minutes=30)).isoformat(),
        "ended_at": m.at.isoformat(), "track": [], "crs": "GCJ-02", "unit_name": m.employer, "place": m.place,
        "headcount": m.people + 6, "contracts_signed": m.people + 4, "insured": m.people + 3,
        "last_pay_month": m.first, "wage_ledger": "有", "attendance": "有", "arrears_signs": "有",
        "amount_yuan": m.amount_yuan, "people": m.people, "action": "当场约谈负责人",
    }  # fmt: skip


def _local(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


RAW: Mapping[str, Callable[[Matter, str], Raw]] = MappingProxyType(
    {
        "12345": _12345, "national": _national, "12333": _12333, "provincial": _provincial,
        "window": _window, "patrol": _patrol,
    }
)  # fmt: skip
