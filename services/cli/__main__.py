"""`anxin`: one module a noun, each thin."""

import typer

from services.cli import (
    broker,
    calendar,
    case,
    check,
    deadline,
    demo,
    employers,
    generate,
    matter,
    notifier,
    policy,
    publish,
    quarantine,
    reveal,
    route,
    shred,
    topics,
    up,
    vault,
)

case.app.command("reveal")(reveal.command)
vault.app.command("shred")(shred.command)
app = typer.Typer(no_args_is_help=True, add_completion=False, help="安薪 Anxin")
app.add_typer(broker.app, name="broker")
app.add_typer(topics.app, name="topics")
app.add_typer(check.app, name="check")
app.add_typer(calendar.app, name="calendar")
app.add_typer(deadline.app, name="deadline")
app.add_typer(matter.app, name="matter")
app.add_typer(route.app, name="route")
app.add_typer(case.app, name="case")
app.add_typer(employers.app, name="employers")
app.add_typer(policy.app, name="policy")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(notifier.app, name="notifier")
app.add_typer(vault.app, name="vault")
app.command("up")(up.up)
app.command("down")(up.down)
app.command("demo")(demo.command)
app.command("publish")(publish.command)
app.command("generate")(generate.command)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
