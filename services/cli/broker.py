"""`anxin broker up|down|status`: a local Kafka."""

from typing import Annotated

import typer

from services.cli.output import as_json, fail
from services.runtime.broker import BrokerError, LocalBroker
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="A genuine Apache Kafka on this machine")
Port = Annotated[int, typer.Option(help="port on 127.0.0.1")]
AsJson = Annotated[bool, typer.Option("--json")]


def _local(port: int) -> LocalBroker:
    return LocalBroker(load_settings().home, port)


@app.command()
def up(port: Port = 9092, json: AsJson = False) -> None:
    """Start it and wait until it answers; its data survives restarts."""
    broker = _local(port)
    try:
        pid = broker.start()
    except BrokerError as error:
        raise fail(str(error)) from None
    said = {"bootstrap": broker.bootstrap, "pid": pid, "folder": str(broker.folder)}
    as_json(said) if json else typer.echo(f"Kafka answers on {broker.bootstrap} (pid {pid})")


@app.command()
def down(json: AsJson = False) -> None:
    """Stop the one that `up` started here."""
    stopped = _local(0).stop()
    as_json({"stopped": stopped}) if json else typer.echo(
        "stopped" if stopped else "was not running"
    )


@app.command()
def status(port: Port = 9092, json: AsJson = False) -> None:
    """Exit 0 where it answers."""
    broker = _local(port)
    said = {"pid": broker.pid(), "answers": broker.answers(), "bootstrap": broker.bootstrap}
    as_json(said) if json else typer.echo(
        ", ".join(f"{key}: {value}" for key, value in said.items())
    )
    raise typer.Exit(0 if said["answers"] else 1)
