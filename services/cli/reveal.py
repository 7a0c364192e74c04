"""`anxin case reveal`: the sealed fields of a case, shown to one person for a reason that is kept."""

from typing import Annotated
from uuid import UUID

import typer

from schemas.audit import PersonalDataRevealed
from schemas.matter import Sealed, Submission
from services.cli.case import EXIT_NOT_NOW
from services.cli.output import as_json, fail
from services.escalation.core.state import Case
from services.kernel.seal import unseal
from services.runtime import audit, person_reader
from services.runtime.case_reader import case_of_number, read_case
from services.runtime.clock import clock_of
from services.runtime.log import quiet_kafka
from services.runtime.publish import NotNow
from services.runtime.rows import decode_row
from services.runtime.settings import Settings, load_settings
from services.runtime.vault import KeyUnknown, open_vault

FIELDS = tuple(Sealed.model_fields)
NAMES = {
    "name": "姓名", "phone": "电话", "id_number": "证件号码", "address": "住址", "text": "原文", "extra": "其他",
}  # fmt: skip


def command(
    number: Annotated[str, typer.Argument(metavar="案号")],
    by: Annotated[str, typer.Option("--by", help="account of the roster")],
    reason: Annotated[str, typer.Option("--reason", help="事由, without names and numbers")],
    field: Annotated[list[str] | None, typer.Option(help=f"{' '.join(FIELDS)}; repeatable")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Personal data of a case, unmasked. Recorded on `audit` before anything is shown."""
    quiet_kafka()
    settings = load_settings()
    wanted = tuple(dict.fromkeys(field or ("name", "phone")))
    if unknown := set(wanted) - set(FIELDS):
        raise fail(f"没有栏目 {'、'.join(sorted(unknown))}，可选 {'、'.join(FIELDS)}", 2)
    try:
        who = audit.allowed(settings, "reveal", by, reason)
        case, found = _submissions(settings, number, who)
        shown = _open(settings, found, wanted)
        fact = PersonalDataRevealed(
            district=settings.district,
            account=who.account,
            post=who.post,
            reason_zh=reason,
            what="case",
            case_id=case,
            submissions=tuple(found),
            fields=wanted,
        )
        audit.record(settings, fact, str(case), clock_of(settings.clock).now())
    except (audit.NotAllowed, KeyUnknown) as error:
        raise fail(str(error)) from None
    except NotNow as error:
        raise fail(str(error), EXIT_NOT_NOW) from None
    as_json({"case_id": case, "submissions": shown}) if json else _tell(shown)


def _submissions(
    settings: Settings, number: str, who: audit.Who
) -> tuple[UUID, dict[UUID, Submission]]:
    case = case_of_number(settings, number)
    if case is None:
        raise fail(f"没有案件 {number}：请核对案号")
    events, raw = read_case(settings, case)
    row = decode_row(raw, Case).state if raw else None
    if not _holds(row, who):
        raise audit.NotAllowed(f"案件 {number} 不在账号 {who.account} 的网格或镇街")
    return case, person_reader.newest(events)


def _holds(row: Case | None, who: audit.Who) -> bool:
    """A grid officer sees the own grid's cases, a town's post its unit's, the rest any."""
    if not (who.grid or who.unit_code):
        return True
    owner = row.owner if row else None
    if owner is None:
        return False
    if owner.account == who.account:
        return True
    return owner.grid == who.grid if who.grid else owner.unit_code == who.unit_code


def _open(
    settings: Settings, found: dict[UUID, Submission], wanted: tuple[str, ...]
) -> list[dict[str, str]]:
    vault, _ = open_vault(settings)
    keys = vault.held(list(found))
    return [
        {
            "channel": one.channel,
            "external_no": one.external_no,
            "state": "open" if keys.get(one.submission_id) else "erased",
            **_fields(one, keys.get(one.submission_id, b""), wanted),
        }
        for one in found.values()
    ]


def _fields(one: Submission, key: bytes, wanted: tuple[str, ...]) -> dict[str, str]:
    if not key:
        return {}
    return {
        name: unseal(key, one.submission_id, name, getattr(one.claimant, name)) for name in wanted
    }


def _tell(shown: list[dict[str, str]]) -> None:
    for one in shown:
        typer.echo(f"{one['channel']} {one['external_no']}")
        if one["state"] == "erased":
            typer.echo("  个人信息已删除，或密钥不在本库")
        for name, label in NAMES.items():
            if name in one:
                typer.echo(f"  {label}：{_plain(one[name]) or '未提供'}")


def _plain(text: str) -> str:
    """No control characters: what a stranger wrote is not to steer an officer's terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
