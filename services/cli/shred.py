"""`anxin vault shred`: an end to the keys of a case, a submission or a person, with a certificate."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from schemas.audit import PersonErased
from schemas.matter import CHANNELS, Submission
from services.cli.output import as_json, fail
from services.cli.vault import EXIT_NOT_NOW, AsJson, By, Reason
from services.escalation.core.state import Case
from services.intake.core.text import clean
from services.kernel.ids import submission_id
from services.kernel.seal import person_key
from services.runtime import audit, erasure, person_reader
from services.runtime.case_reader import case_of_number, read_case
from services.runtime.clock import clock_of
from services.runtime.log import quiet_kafka
from services.runtime.publish import NotNow
from services.runtime.rows import decode_row
from services.runtime.settings import Settings, load_settings
from services.runtime.vault import Vault, open_vault

SHANGHAI = ZoneInfo("Asia/Shanghai")
PERSON = "person"
ID_CHARS_MIN = 15
Known = dict[UUID, tuple[UUID | None, Submission | None]]
"""Case and newest state of each submission, where the topics name them."""


def command(
    what: Annotated[
        str,
        typer.Argument(metavar="案号|CHANNEL/NUMBER|person", help="person: asks for the number"),
    ],
    by: By,
    reason: Reason,
    open_too: Annotated[bool, typer.Option("--open-too", help="cases that are not closed")] = False,
    json: AsJson = False,
) -> None:
    """Erase personal data for ever, with a certificate (删除证明). Exit 1 where nothing was found or may be erased."""
    quiet_kafka()
    settings = load_settings()
    try:
        who = audit.allowed(settings, "erase", by, reason)
        vault, secret = open_vault(settings)
        known = _known(settings, what, secret)
        if not open_too:
            _closed(settings, known)
        said = _erase(settings, vault, who, reason, known)
    except audit.NotAllowed as error:
        raise fail(str(error)) from None
    except NotNow as error:
        raise fail(f"{error}\nrun the same command again", EXIT_NOT_NOW) from None
    as_json(said.model_dump(mode="json")) if json else typer.echo(printed(said))


def _known(settings: Settings, what: str, secret: bytes) -> Known:
    if what == PERSON:
        return _of_person(settings, secret)
    return _of_source(settings, what) if "/" in what else _of_case(settings, what)


def _of_case(settings: Settings, number: str) -> Known:
    found = case_of_number(settings, number)
    if found is None:
        raise fail(f"没有案件 {number}：请核对案号")
    events, _ = read_case(settings, found)
    return {one: (found, state) for one, state in person_reader.newest(events).items()}


def _of_source(settings: Settings, source: str) -> Known:
    channel, _, number = source.partition("/")
    if channel not in CHANNELS or not number:
        raise fail(f"须为 渠道/来源编号，渠道为 {'、'.join(CHANNELS)}", 2)
    return _placed(settings, {submission_id(channel, number): None})


def _of_person(settings: Settings, secret: bytes) -> Known:
    """By keyed hash: neither the phone nor the ID number is kept or shown."""
    answer = typer.prompt("手机号或身份证号", hide_input=True, err=True)
    given = "".join(char for char in clean(answer) if char.isalnum()).upper()
    phone, identity = (given, "") if len(given) < ID_CHARS_MIN else ("", given)
    key = person_key(secret, phone, identity, UUID(int=0))
    found = person_reader.submissions_of(settings, key) if given else {}
    if not found:
        raise fail("没有找到此人的来件：电话和身份证号须分别查找，且与来件登记的一致")
    return _placed(settings, found)


def _placed(settings: Settings, found: Mapping[UUID, Submission | None]) -> Known:
    placed = person_reader.cases_of(settings, found)
    return {one: placed.get(one, (None, state)) for one, state in found.items()}


def _closed(settings: Settings, known: Known) -> None:
    """Whose case is still open could not be called any more."""
    for case in sorted({case for case, _ in known.values() if case is not None}):
        _, raw = read_case(settings, case)
        row = decode_row(raw, Case).state if raw else None
        if row is None or row.closed_at is None:
            number = row.number if row else case
            raise fail(f"案件 {number} 尚未办结，删除后无法再联系诉求人；确要删除请加 --open-too")


def _erase(
    settings: Settings, vault: Vault, who: audit.Who, reason: str, known: Known
) -> PersonErased:
    """The keys first: a plug pulled before the record leaves the same command to be run again, with the same answer."""
    erased = vault.erase(list(known), clock_of(settings.clock).now())
    states = {one: state for one, (_, state) in known.items() if state is not None}
    said = erasure.certificate(settings.district, who, reason, erased, states)
    subject = str(min(known))
    audit.record(settings, said, subject, erasure.act_at(erased))
    return said


def printed(said: PersonErased) -> str:
    """删除证明, to be handed over."""
    done = max(one.erased_at for one in said.keys)
    lines = [
        "个人信息删除证明",
        f"编号：{said.certificate[:16]}",
        f"删除时间：{_local(done)}",
        "依据：《中华人民共和国个人信息保护法》第四十七条",
        f"事由：{said.reason_zh}",
        f"操作：{said.post} {said.account}",
        f"删除对象：{len(said.keys)} 件来件",
        *_objects(said),
        "方式：销毁每件来件专用的数据密钥（AES-256-GCM），此后任何人（包括本系统）都无法解读其密文",
        "不能再解读：姓名、电话、证件号码、住址、诉求原文及其他栏目，包括各主题、状态和日志中的全部副本",
        "仍然保留：去标识的案件要素（单位、地点、金额、期间、办理经过）和带密钥的人员哈希，无法还原为本人信息",
        f"来源主题中的原始记录到期自动删除，最迟 {_local(said.originals_until)[:10]}",
        "不在本证明之内：无法处理而隔离的原件、密钥库的旧备份、来源平台自存的资料",
        f"校验（SHA-256）：{said.certificate}",
    ]
    return "\n".join(lines)


def _objects(said: PersonErased) -> Iterable[str]:
    for one in said.keys:
        name = f"{one.channel} {one.external_no}" if one.channel else str(one.submission_id)
        yield f"  {name}，密钥 {one.key_id or '（此前没有密钥）'}"


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
