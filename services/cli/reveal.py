"""`anxin case reveal`: the sealed fields of a case, shown to one person for a reason that is kept."""

from typing import Annotated
from uuid import UUID

import typer

from schemas.matter import Submission
from services.cli.case import EXIT_NOT_NOW
from services.cli.output import as_json, fail
from services.escalation.core.state import Case
from services.runtime import audit, person_reader, reveal
from services.runtime.case_reader import case_of_number, read_case
from services.runtime.clock import clock_of
from services.runtime.log import quiet_kafka
from services.runtime.publish import NotNow
from services.runtime.reveal import FIELDS, NAMES, Opened, opened
from services.runtime.rows import decode_row
from services.runtime.settings import Settings, load_settings
from services.runtime.vault import KeyUnknown, open_vault


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
        vault, _ = open_vault(settings)
        shown = opened(vault, found, wanted)
        fact = reveal.fact(settings.district, who, reason, case, found, wanted)
        audit.record(settings, fact, str(case), clock_of(settings.clock).now())
    except (audit.NotAllowed, KeyUnknown) as error:
        raise fail(str(error)) from None
    except NotNow as error:
        raise fail(str(error), EXIT_NOT_NOW) from None
    if json:
        as_json({"case_id": case, "submissions": [_as_dict(one) for one in shown]})
    else:
        _tell(shown)


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


def _tell(shown: list[Opened]) -> None:
    for one in shown:
        typer.echo(f"{one.channel} {one.external_no}")
        if one.fields is None:
            typer.echo("  个人信息已删除，或密钥不在本库")
        for name, text in (one.fields or {}).items():
            typer.echo(f"  {NAMES[name]}：{text or '未提供'}")


def _as_dict(one: Opened) -> dict[str, str]:
    whole = {"channel": one.channel, "external_no": one.external_no}
    return whole | {"state": "erased" if one.fields is None else "open"} | dict(one.fields or {})
