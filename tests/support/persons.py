"""Invented people whose every word can be found again: what no topic after inbound may hold.

Names are of rare characters, so that finding one is never chance; phones are 1380000xxxx, ID numbers of area 999999.
"""

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ahocorasick_rs import BytesAhoCorasick

from tests.support.complaints import EMPLOYERS, PLACES, ZONE

_SURNAMES = "仝厍亓仉妫逄郐郤"
_GIVEN = "翀頔喆堃玥翯犇昶彧昇祎芃骎龢"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Person:
    name: str
    phone: str
    id_number: str
    home: str
    words: str
    card: str
    boss: str
    colleague: str

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.name, self.phone, self.id_number, self.home, self.words, self.card,
                self.boss, self.colleague)  # fmt: skip


def person(chance: random.Random, number: int) -> Person:
    month, day = chance.randint(1, 12), chance.randint(1, 28)
    body = f"999999{chance.randint(1960, 2005)}{month:02d}{day:02d}{number % 1000:03d}"
    check = "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]
    return Person(
        name=_name(chance),
        phone=f"1380000{number:04d}",
        id_number=body + check,
        home=f"幸福里{number}栋{chance.randint(1, 30)}单元",
        words=f"家里老人住院第{number}天等钱用",
        card=f"62220000{number:04d}{chance.randint(1000, 9999)}",
        boss=_name(chance),
        colleague=_name(chance),
    )


def _name(chance: random.Random) -> str:
    return chance.choice(_SURNAMES) + "".join(chance.choice(_GIVEN) for _ in range(2))


TEXTS = (
    "我叫{name}，身份证号{id}，电话{phone}，在{place}{employer}上班，2025年10月至12月工资8000元没发，{words}",
    "{name}来电反映：{place}{employer}拖欠其本人及{colleague}等3人工资共两万四，{words}，联系人{name}{phone}",
    "市民{name}（{id}）住{home}，反映{employer}老板{boss}欠薪六千二，在{place}，回电{phone}。{words}",
    "{employer}在{place}，店长{boss}说没钱。{words}。诉求人：{name}，手机：{phone}，银行卡{card}",
    "{words}，求助！{place}{employer}欠{name}和{colleague}两人三个月工资，共计1.2万，{phone}",
    "投诉{place}{employer}：{name}要求支付加班费，{name}已多次找{boss}，{words}；{phone}",
    "{name}在{employer}做工被欠薪，{colleague}可作证，地点{place}，{words}，{phone}，{id}",
)


def told(one: Person, employer: str, place: str, form: str) -> str:
    return form.format(
        name=one.name, id=one.id_number, phone=one.phone, home=one.home, words=one.words,
        card=one.card, boss=one.boss, colleague=one.colleague, employer=employer, place=place,
    )  # fmt: skip


def records(
    count: int, seed: int, at: datetime
) -> Iterator[tuple[Person, str, str, dict[str, Any]]]:
    """Person, channel, external number, raw: every column that can hold something personal does."""
    chance = random.Random(seed)
    for number in range(count):
        one = person(chance, number)
        employer, place = chance.choice(EMPLOYERS), chance.choice(PLACES)
        text = told(one, employer, place, chance.choice(TEXTS))
        when = (at + timedelta(seconds=number)).astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
        channel = chance.choice(tuple(_MAKERS))
        name = f"{channel}-p{seed}-{number:04d}"
        yield one, channel, name, _MAKERS[channel](one, name, text, employer, place, when)


def _national(
    one: Person, number: str, text: str, employer: str, place: str, at: str
) -> dict[str, Any]:
    return {
        "clue_no": number, "reporter_name": one.name, "id_number": one.id_number, "mobile": one.phone,
        "bank_card": one.card, "employer": employer, "employer_phone": f"{one.boss} 0711-0000000",
        "place": place, "foreman": one.boss, "description": text, "submitted_at": at,
        "attachments": [f"{one.name}工资条.jpg"], "amount_yuan": "8000", "people": f"{one.name}等3人",
    }  # fmt: skip


def _hotline(one: Person, number: str, text: str, _e: str, place: str, at: str) -> dict[str, Any]:
    return {
        "工单编号": number, "标题": f"{one.name}反映欠薪", "内容": text, "诉求人": one.name,
        "来电号码": one.phone, "联系号码": f"{one.phone}；{one.phone[:3]} {one.phone[3:7]} {one.phone[7:]}",
        "事发地址": f"{place}{one.home}", "受理时间": at, "附件（录音）": [f"{one.phone}.wav"],
        "备注": f"{one.words}，{one.colleague}", "关联工单": f"见{one.name}{one.phone}来电",
        "镇街": one.name, "诉求分类": one.words,
    }  # fmt: skip


def _labour_line(
    one: Person, number: str, text: str, employer: str, _p: str, at: str
) -> dict[str, Any]:
    return {
        "call_no": number, "caller_phone": one.phone, "caller_name": one.name, "business_type": "投诉举报",
        "unit_name": employer, "content": text, "called_at": at, "ref_no": f"{one.phone}",
        "region": f"鄂城区{one.home}",
    }  # fmt: skip


def _window(
    one: Person, number: str, text: str, employer: str, place: str, at: str
) -> dict[str, Any]:
    return {
        "reg_no": number, "visited_at": at, "complainant_name": one.name, "id_number": one.id_number,
        "phone": one.phone, "address": one.home, "respondent": employer, "respondent_person": one.boss,
        "respondent_phone": f"{one.boss}转8001", "respondent_address": place, "matters": text,
        "representatives": [one.name, one.colleague], "evidence": [f"{one.name}考勤"], "signed": "是",
        "amount_yuan": f"{one.name}8000元", "arrears_from": f"{one.name}说不清",
    }  # fmt: skip


def _patrol(
    one: Person, number: str, text: str, employer: str, place: str, at: str
) -> dict[str, Any]:
    return {
        "patrol_no": number, "officer": one.colleague, "started_at": at, "unit_name": employer,
        "place": place, "arrears_signs": "有", "action": text, "photos": [f"{one.name}.jpg"],
        "crs": one.name, "grid": one.phone,
    }  # fmt: skip


_MAKERS = {
    "national": _national, "12345": _hotline, "12333": _labour_line, "window": _window,
    "patrol": _patrol,
}  # fmt: skip


def spellings(secret: str) -> Iterator[bytes]:
    """How bytes may hold it: UTF-8, GB18030, UTF-16, JSON's escapes, hexadecimal, base64 at every alignment."""
    plain = secret.encode()
    yield from (plain, secret.encode("gb18030"), secret.encode("utf-16-le"))
    if not secret.isascii():
        escaped = secret.encode("ascii", "backslashreplace")
        yield from (escaped, escaped.upper().replace(b"\\U", b"\\u"))
    yield plain.hex().encode()
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + plain)[-(-shift * 8 // 6) : -4]


def found_in(data: bytes, people: list[Person]) -> set[str]:
    """Secrets of these people that the bytes hold in any spelling; one pass."""
    whose = [
        (spelling, secret)
        for one in people
        for secret in one.secrets
        for spelling in spellings(secret)
    ]
    search = BytesAhoCorasick([spelling for spelling, _ in whose])
    hits = search.find_matches_as_indexes(data, overlapping=True)
    return {whose[number][1] for number, _, _ in hits}
