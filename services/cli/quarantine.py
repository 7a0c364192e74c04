"""`anxin quarantine list|show|redrive`: what could not be processed, and back it goes."""

import hashlib
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Column

from schemas.audit import QuarantineRedriven
from schemas.event import Reason
from services.cli.output import as_json, as_table, fail
from services.kernel.plain import text_of, visible
from services.runtime import audit, quarantine_desk, reveal
from services.runtime.clock import clock_of
from services.runtime.log import quiet_kafka
from services.runtime.publish import NotNow
from services.runtime.quarantine_desk import LIST_RECORDS_MAX, Desk, Entry, Unwilling
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Records that could not be processed")
EXIT_NOT_NOW = 70
SHANGHAI = ZoneInfo("Asia/Shanghai")
At = Annotated[str, typer.Argument(metavar="POSITION", help="topic-partition-offset, as listed")]
AsJson = Annotated[bool, typer.Option("--json")]
Topic = Annotated[str, typer.Option(help="only of this topic")]
Why = Annotated[str, typer.Option("--reason", help="only with this reason")]
Open = Annotated[bool, typer.Option("--open", help="only what was not redriven yet")]
Limit = Annotated[int, typer.Option(min=1, help="at most so many")]
Depth = Annotated[int, typer.Option(min=1, help="records looked at in each partition")]
Out = Annotated[Path | None, typer.Option(help="write the original bytes to this file")]
By = Annotated[str, typer.Option("--by", help="account of the roster that looks")]
Reveal = Annotated[str, typer.Option("--reason", help="事由: why the original must be seen")]
Sender = Annotated[str, typer.Option("--by", help="account of the roster that sends it again")]
Cause = Annotated[str, typer.Option("--reason", help="事由, without names and numbers")]
Value = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="the repaired bytes")]
Header = Annotated[
    list[str] | None, typer.Option(help="k=v replaces a header, k= leaves it out; repeatable")
]


@app.command(name="list")
def list_(
    topic: Topic = "",
    reason: Why = "",
    open_: Open = False,
    limit: Limit = 50,
    depth: Depth = LIST_RECORDS_MAX,
    json: AsJson = False,
) -> None:
    """Newest first."""
    if reason and reason not in set(Reason):
        raise fail(f"no reason {reason!r}; known: {', '.join(Reason)}", 2)

    def keep(entry: Entry) -> bool:
        return (
            topic in ("", entry.topic)
            and reason in ("", entry.reason)
            and not (open_ and entry.redriven_at)
        )

    try:
        found, cut = _desk().newest(keep, depth)
    except NotNow as error:
        raise fail(str(error), EXIT_NOT_NOW) from None
    shown = [_facts(entry) for entry in found[:limit]]
    if json:
        as_json({"total": len(found), "older_not_read": cut, "records": shown})
        return
    names = ("position", "topic", "reason", "field", "detail", "time", "redriven_at")
    columns = [Column(name, overflow="fold", no_wrap=name == "position") for name in names]
    as_table("", columns, [[escape(visible(row[name])) for name in names] for row in shown])
    older = "; older ones were not looked at (--depth)" if cut else ""
    typer.echo(f"{len(shown)} of {len(found)} shown{older}")


@app.command()
def show(
    position: At, out: Out = None, by: By = "", reason: Reveal = "", json: AsJson = False
) -> None:
    """Headers and reason; with --by and --reason the original bytes: text where it is UTF-8, else hexadecimal.

    The original may hold names and phones as they came: seeing it is recorded on `audit`.
    """
    try:
        entry = _desk().find(position)
        facts = _facts(entry) | _about(entry)
        if by or reason or out is not None:
            _seen(entry, by, reason)
            facts |= _content(entry)
            if out is not None:
                out.write_bytes(entry.original.value or b"")
    except NotNow as error:
        raise fail(str(error), EXIT_NOT_NOW) from None
    except (Unwilling, audit.NotAllowed) as error:
        raise fail(str(error)) from None
    as_json(facts) if json else typer.echo("\n".join(map(visible, _lines(facts))))


def _seen(entry: Entry, by: str, reason: str) -> None:
    """Raises NotAllowed, NotNow: then nothing is shown."""
    settings = load_settings()
    who = audit.allowed(settings, "quarantine", by, reason)
    fact = reveal.original_fact(settings.district, who, reason, entry.position)
    audit.record(settings, fact, entry.position, clock_of(settings.clock).now())


def _lines(facts: dict[str, Any]) -> list[str]:
    headers = facts.pop("headers", [])
    value = facts.pop("value", "not shown: add --by ACCOUNT --reason TEXT")
    lines = [f"{name}: {text}" for name, text in facts.items()]
    return [*lines, "headers:", *(f"  {name}: {text}" for name, text in headers), "value:", value]


@app.command()
def redrive(
    position: At,
    by: Sender,
    reason: Cause,
    value: Value = None,
    header: Header = None,
    json: AsJson = False,
) -> None:
    """Send it again to its own topic under its own key, as it was or mended. Exit 1 on a second time.

    Who does it and why is recorded on `audit` first; quarantine then says where it went.
    """
    headers = [_pair(text) for text in header or ()]
    body = value.read_bytes() if value else None
    quiet_kafka()
    settings = load_settings()

    def tell(fact: QuarantineRedriven) -> None:
        audit.record(settings, fact, position, clock_of(settings.clock).now())

    try:
        fact = quarantine_desk.asked(settings, position, by, reason)
        to = quarantine_desk.redrive(Desk(settings), fact, lambda _: (body, headers), tell)
    except NotNow as error:
        raise fail(f"{error}\nrun the same command again", EXIT_NOT_NOW) from None
    except (Unwilling, audit.NotAllowed) as error:
        raise fail(str(error)) from None
    said = {"position": position, "redriven_to": str(to)}
    as_json(said) if json else typer.echo(f"{position} is now {to}")


def _desk() -> Desk:
    quiet_kafka()
    return Desk(load_settings())


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise fail(f"--header takes k=v, not {text!r}", 2)
    return name, value


def _facts(entry: Entry) -> dict[str, Any]:
    return {
        "position": entry.position,
        "topic": entry.topic,
        "reason": entry.reason,
        "field": entry.facts.get("anxin_field", ""),
        "detail": entry.facts.get("anxin_detail", ""),
        "time": entry.at.astimezone(SHANGHAI).isoformat(" ", "seconds"),
        "redriven_at": entry.redriven_at,
        "redriven_to": entry.redriven_to,
    }


def _about(entry: Entry) -> dict[str, Any]:
    body = entry.original.value or b""
    return {
        "stage": entry.facts.get("anxin_stage", ""),
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }


def _content(entry: Entry) -> dict[str, Any]:
    original = entry.original
    encoding, value = text_of(original.value)
    return {
        "key": text_of(original.key)[1],
        "headers": [[name, text_of(raw)[1]] for name, raw in original.headers],
        "encoding": encoding,
        "value": value,
    }
