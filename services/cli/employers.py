"""`anxin employers import|match`: the district's register of employers, for intake."""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from schemas.event import Refused
from services.cli.output import as_json, as_table, fail
from services.cli.publish import SHOWN_MAX, Sheet
from services.intake.core.codes import is_uscc
from services.intake.core.columns import Columns, columns_of
from services.intake.core.extract_employer import employer_of
from services.intake.core.fields import read
from services.intake.core.passage import Passage
from services.intake.core.register import COLUMNS, CONFIDENCE, match
from services.intake.core.shapes import Shape
from services.intake.core.table import Row, Skipped, records
from services.intake.settings import load_policy
from services.router.settings import load_policy as load_router
from services.runtime import sheets
from services.runtime.csv_out import safe
from services.runtime.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="The district's register of employers")
SHAPE = Shape(number="uscc", occurred="", employer="name")
CHANNEL = "employers"
File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help=".csv .xlsx .xls")
]
AsJson = Annotated[bool, typer.Option("--json")]


@dataclass(frozen=True, slots=True)
class Bad:
    """Row as its people count it, column, reason in Chinese."""

    row: int
    field: str
    reason: str


@app.command(name="import")
def import_(
    file: File,
    sheet: Sheet = "",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="import the good rows alone")
    ] = False,
    json: AsJson = False,
) -> None:
    """Replace the register by this export. Nothing is written where a row is refused (exit 1), unless --skip-bad."""
    settings = load_settings()
    policy = load_router(settings)
    grids = {grid for one in policy.maps for grid in one.grids}
    rows = list(_rows(settings, file, sheet))
    good, bad = _sorted_out(rows, grids)
    written = bool(good) and (skip_bad or not bad)
    if written:
        _write(settings.employers_file, good)
    said = {
        "total": len(good) + len(bad),
        "imported": len(good) if written else 0,
        "refused": len(bad),
        "file": str(settings.employers_file) if written else "",
    }
    if json:
        as_json(
            said | {"rows": [{"row": b.row, "field": b.field, "reason": b.reason} for b in bad]}
        )
    else:
        if bad:
            shown = [(one.row, escape(one.field), escape(one.reason)) for one in bad[:SHOWN_MAX]]
            as_table("不能导入", ("行", "栏目", "原因"), shown)
        typer.echo(_summary(said))
    raise typer.Exit(1 if bad or not good else 0)


@app.command(name="match")
def match_(name: str, json: AsJson = False) -> None:
    """Which registered employer a name means, by which rule. Exit 1 where none or several."""
    settings = load_settings()
    policy = load_policy(settings, b"no person is known to a check")
    if not policy.register.codes:
        raise fail(f"还没有登记册（{settings.employers_file}）：请先 anxin employers import", 2)
    employer = employer_of(name, policy.words.gazetteer, Passage("name", name, name))
    found = match(policy.register, employer)
    if found is None:
        raise fail(f"“{name}”在登记册中没有唯一对应的单位（简称“{employer.normalised}”）")
    entry, rule = found
    said = {
        "uscc": entry.uscc,
        "name": entry.name,
        "rule": rule,
        "confidence": CONFIDENCE[rule],
        "places": [place.name for place in entry.places],
    }
    as_json(said) if json else typer.echo("，".join(f"{k} {v}" for k, v in said.items()))


def _columns(settings: Settings) -> Columns:
    text = (settings.policies / "employer-fields.csv").read_text(encoding="utf-8")
    return columns_of(text)


def _rows(settings: Settings, file: Path, sheet: str) -> Iterator[Row]:
    """Each as its keys of ours; a row that cannot be read comes as its refusal."""
    columns = _columns(settings)
    try:
        for number, raw in records(sheets.cells(file, sheet), columns, CHANNEL, SHAPE):
            if isinstance(raw, Refused | Skipped):
                yield number, raw
                continue
            try:
                found = read(columns, CHANNEL, raw)
            except Refused as refused:
                yield number, refused
            else:
                yield number, {key: found.text(key) for key in COLUMNS}
    except sheets.Unreadable as error:
        raise fail(f"{file}: {error}", 2) from None
    except Refused as error:
        raise fail(f"{file}: {error.detail_zh}", 2) from None


def _sorted_out(rows: Iterable[Row], grids: set[str]) -> tuple[list[dict[str, str]], list[Bad]]:
    good: list[dict[str, str]] = []
    bad: list[Bad] = []
    seen: Counter[str] = Counter()
    for number, raw in rows:
        if isinstance(raw, Skipped):
            continue
        if isinstance(raw, Refused):
            bad.append(Bad(number, raw.field, raw.detail_zh))
            continue
        row = {key: str(value) for key, value in raw.items()}
        row["uscc"], row["branch_of"] = row["uscc"].upper(), row["branch_of"].upper()
        wrong = _wrong(row, grids, seen)
        if wrong:
            bad.append(Bad(number, *wrong))
        else:
            seen[row["uscc"]] += 1
            good.append(row)
    return good, bad


def _wrong(row: dict[str, str], grids: set[str], seen: Counter[str]) -> tuple[str, str] | None:
    """Column and reason."""
    if not is_uscc(row["uscc"]):
        return "uscc", "统一社会信用代码须为 18 位且校验位相符，请核对"
    if seen[row["uscc"]]:
        return "uscc", "与前面的行代码相同，请删去重复的一行"
    if not row["name"] or safe(row["name"]) != row["name"]:
        return "name", "缺少企业名称，或名称以 = + - @ 开头，请改正"
    if row["grid"] and row["grid"] not in grids:
        return "grid", "网格图中没有这个网格码，请改正或留空"
    if row["branch_of"] and not is_uscc(row["branch_of"]):
        return "branch_of", "隶属企业代码校验位不符，请核对或留空"
    return None


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    """Whole or not at all; sorted, so that the same register has the same bytes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: row["uscc"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(text.getvalue(), encoding="utf-8")
    fresh.replace(path)


def _summary(said: Mapping[str, object]) -> str:
    counts = f"共 {said['total']} 家，导入 {said['imported']} 家，不能导入 {said['refused']} 家"
    if said["file"]:
        return f"{counts}；已写入 {said['file']}，重启 intake 后生效"
    return f"{counts}；没有写入，请改正后重试（或加 --skip-bad 只导入其余各行）"
