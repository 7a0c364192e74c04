"""`anxin topics ensure|check`."""

from typing import Annotated

import typer

from services.cli.output import as_json
from services.runtime import topics
from services.runtime.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Topics as schemas/topics.py says")
AsJson = Annotated[bool, typer.Option("--json")]
Stepped = Annotated[bool, typer.Option(help="virtual time: producers stamp the records")]
Replication = Annotated[
    int, typer.Option(help="copies of each partition; -1 = as the cluster is configured")
]


@app.command()
def ensure(
    stepped: Stepped = False, replication: Replication = topics.BROKER_DEFAULT, json: AsJson = False
) -> None:
    """Create what is missing; never alters what is there."""
    s = load_settings()
    made = topics.ensure(s.kafka, s.topic_prefix, stepped=stepped, replication=replication)
    as_json({"created": made}) if json else typer.echo(f"{len(made)} topics created")


@app.command()
def check(stepped: Stepped = False, json: AsJson = False) -> None:
    """Exit 1 on anything that differs."""
    s = load_settings()
    problems = topics.check(s.kafka, s.topic_prefix, stepped=stepped)
    if json:
        as_json({"problems": problems})
    else:
        typer.echo("\n".join(problems) or "every topic is as it should be")
    raise typer.Exit(1 if problems else 0)
