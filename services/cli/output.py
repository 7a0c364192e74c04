"""How answers look: a table for people, JSON for machines."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Column, Table


def as_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def as_table(title: str, columns: Sequence[str | Column], rows: Iterable[Sequence[Any]]) -> None:
    folded = [Column(one, overflow="fold") if isinstance(one, str) else one for one in columns]
    table = Table(*folded, title=title, title_justify="left", show_edge=False)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)


def fail(message: str, code: int = 1) -> typer.Exit:
    """To be raised; the message goes to standard error."""
    typer.echo(message, err=True)
    return typer.Exit(code)
