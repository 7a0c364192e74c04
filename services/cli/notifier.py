"""`anxin notifier dead|resend`: letters that no robot took for a day, and posting them again."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.output import as_json, as_table, fail
from services.notifier.outbox import Dead, Outbox
from services.notifier.settings import load_policy, outbox_url
from services.runtime.clock import clock_of
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Letters to the robots")
AsJson = Annotated[bool, typer.Option("--json")]
Letters = Annotated[list[str] | None, typer.Argument(help="ids, or their first characters")]
Robot = Annotated[str, typer.Option("--robot", help="all that one robot did not take")]
All = Annotated[bool, typer.Option("--all", help="all of them")]


@app.command()
def dead(json: AsJson = False) -> None:
    """Given up after a day or 60 attempts, the oldest first. What was done since is no longer among them."""
    found = _outbox().dead()
    if json:
        as_json([asdict(one) for one in found])
        return
    rows = [
        (one.letter, one.robot, f"{one.made_at:%Y-%m-%d %H:%M}", one.messages, one.code) for one in found
    ]  # fmt: skip
    as_table("dead letters", ["letter", "robot", "made (UTC)", "messages", "last answer"], rows)


@app.command()
def resend(
    letters: Letters = None, robot: Robot = "", every: All = False, json: AsJson = False
) -> None:
    """Put dead letters back into the line, under their own ids. The notifier may run: it posts them within seconds.

    Exit 1 where there is none such, or a name fits none or several: then none is sent.
    """
    if sum(map(bool, (letters, robot, every))) != 1:
        raise fail("name letters, or one --robot, or --all", 2)
    box = _outbox()
    found = box.dead()
    chosen = [one for one in found if every or one.robot == robot]
    chosen += [_named(found, name) for name in dict.fromkeys(letters or [])]
    if not chosen:
        raise fail("no such dead letter; `anxin notifier dead` lists them")
    count = box.revive([one.letter for one in chosen], clock_of(load_settings().clock).now())
    as_json({"resent": count}) if json else typer.echo(f"{count} letters wait to be posted again")


def _named(found: Sequence[Dead], name: str) -> Dead:
    """Raises typer.Exit. An empty name, as of a variable that is not set, is none."""
    fitting = [one for one in found if name and one.letter.startswith(name)]
    if len(fitting) != 1:
        raise fail(
            f"{len(fitting)} dead letters begin with {name!r}; `anxin notifier dead` lists them"
        )
    return fitting[0]


def _outbox() -> Outbox:
    settings = load_settings()
    return Outbox(outbox_url(settings), load_policy(settings.policies), robots={})
