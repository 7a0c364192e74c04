"""`anxin policy …`: publish a bundle, list those published, compare two, try one on the open cases."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Column

from services.cli import policy_statute as statute
from services.cli.output import as_json, as_table, fail
from services.cli.policies import BROKEN, check_policy
from services.cli.policy_diff import KINDS_ZH, Change
from services.cli.policy_diff import diff as compared
from services.cli.policy_preview import command as preview_command
from services.runtime import policy_reader
from services.runtime.clock import clock_of
from services.runtime.log import quiet_kafka
from services.runtime.policy_bundle import Bundle, bundle_of, folder_of, in_force
from services.runtime.policy_files import table
from services.runtime.publish import NotNow
from services.runtime.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Policy bundles: publish, list, diff, preview, seal")
app.command("preview")(preview_command)
EXIT_NOT_NOW = 70
EXIT_TROUBLE = 2
CURRENT = "current"
PREFIX_CHARS_MIN = 6
CHECK_FIRST = "（先运行 anxin check policy）"
SHANGHAI = ZoneInfo("Asia/Shanghai")
Folder = Annotated[
    Path | None, typer.Argument(exists=True, file_okay=False, help="instead of ANXIN_POLICIES")
]
Side = Annotated[
    str, typer.Argument(help="a folder, a hash on the topic (6 digits or more), current")
]
AsJson = Annotated[bool, typer.Option("--json")]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command needs of the world. `folder`: the policy it is about."""

    settings: Settings
    folder: Path

    @property
    def now(self) -> datetime:
        return clock_of(self.settings.clock).now()

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def bundle(self) -> Bundle:
        """Of the folder. Exit 2 where it is none."""
        try:
            return bundle_of(self.folder)
        except BROKEN as error:
            raise fail(f"{self.folder} 不是政策包：{error}{CHECK_FIRST}", EXIT_TROUBLE) from None

    def published(self) -> dict[str, Bundle]:
        """Exit 70 where the broker is away, 2 where the topic holds what is no bundle."""
        try:
            return policy_reader.bundles(self.settings)
        except NotNow as error:
            raise fail(str(error), EXIT_NOT_NOW) from None
        except ValueError as error:
            raise fail(f"主题 policies 上有读不出的政策包：{error}", EXIT_TROUBLE) from None

    def current(self, published: dict[str, Bundle]) -> Bundle | None:
        return in_force(published.values(), self.today)


def _desk(folder: Path | None = None) -> Desk:
    quiet_kafka()
    settings = load_settings(**({"policies": folder} if folder else {}))
    return Desk(settings, settings.policies)


@app.command()
def publish(folder: Folder = None, json: AsJson = False) -> None:
    """Check the folder, put it on the topic. Exit 1 = refused, 70 = the broker is away. Twice is once."""
    desk = _desk(folder)
    one = _checked(desk)
    published = desk.published()
    known = published.get(one.hash)
    if known is None:
        changed = _statutory(desk, one, published)
        known = _sent(desk, one)
        said = [
            f"已发布 {_line(known)}",
            *(f"法定期限变动（{one.statutory_change}）：{c}" for c in changed),
        ]
    else:
        said = [f"早已发布，未重复发布：{_line(known)}"]
    if json:
        as_json(_facts(known) | {"new": one.hash not in published})
    else:
        typer.echo("\n".join(said))


def _checked(desk: Desk) -> Bundle:
    result = check_policy(desk.settings, desk.today)
    if result["failed"]:
        lines = [f"{miss['id']}：{miss['got']}" for miss in result["misses"]]
        raise fail("\n".join(["政策文件有问题，未发布：", *lines]))
    return desk.bundle()


def _statutory(desk: Desk, one: Bundle, published: dict[str, Bundle]) -> list[str]:
    """Against what was published last, whatever the lock beside the files says. Exit 1 without a notice."""
    if not published:
        return []
    last = list(published.values())[-1]
    changed = statute.moved(
        table(folder_of(last.content) / "clocks.csv"), table(desk.folder / "clocks.csv")
    )
    if changed and not one.statutory_change:
        title = f"法定期限与已发布的 {last.version}（{last.hash[:8]}）不同，未发布："
        raise fail("\n".join([title, *changed, statute.HINT]))
    return changed


def _sent(desk: Desk, one: Bundle) -> Bundle:
    try:
        return policy_reader.publish(desk.settings, one, desk.now)
    except NotNow as error:
        raise fail(f"{error}\n请稍后再运行同一命令", EXIT_NOT_NOW) from None
    except ValueError as error:
        raise fail(str(error)) from None


@app.command(name="list")
def list_(json: AsJson = False) -> None:
    """Every bundle on the topic, in order of publishing, and which is in force today."""
    desk = _desk()
    published = desk.published()
    current = desk.current(published)
    rows = [(one, _state(one, current, desk.today)) for one in published.values()]
    if json:
        as_json([_facts(one) | {"state": state} for one, state in rows])
        return
    here = desk.bundle().hash
    columns = (
        Column("哈希", no_wrap=True),
        "版本",
        "生效日",
        "发布时间",
        "状态",
        "法定依据",
        "说明",
    )
    cells = [_cells(one, state) for one, state in rows]
    as_table("已发布的政策包", columns, [[escape(cell) for cell in row] for row in cells])
    known = "已发布" if here in published else "尚未发布：anxin policy publish"
    typer.echo(f"本机 {desk.folder}：{here[:12]}，{known}")


def _state(one: Bundle, current: Bundle | None, today: date) -> str:
    if one is current:
        return "现行"
    return "待生效" if one.effective_from > today else "已被替代"


@app.command()
def diff(a: Side, b: Side, json: AsJson = False) -> None:
    """Rows of tables, keys of TOML, days of calendars. Exit 0 the same, 1 different, 2 trouble."""
    desk = _desk()
    old, new = (_side(desk, text) for text in (a, b))
    try:
        changes = compared(old, new)
    except BROKEN as error:
        raise fail(f"政策文件读不通：{error}{CHECK_FIRST}", EXIT_TROUBLE) from None
    if json:
        as_json([asdict(one) | {"kind": one.kind} for one in changes])
    else:
        if changes:
            columns = ("文件", "行或键", "栏", "变动", "原", "新")
            as_table("", [Column(name, overflow="fold") for name in columns], map(_row, changes))
        typer.echo(f"{len(changes)} 处不同" if changes else "两者相同")
    raise typer.Exit(1 if changes else 0)


def _side(desk: Desk, text: str) -> Traversable:
    if text != CURRENT and Path(text).is_dir():
        return Path(text)
    published = desk.published()
    if text == CURRENT:
        found = [one for one in [desk.current(published)] if one]
    else:
        long_enough = len(text) >= PREFIX_CHARS_MIN
        found = [one for name, one in published.items() if long_enough and name.startswith(text)]
    if len(found) != 1:
        known = "、".join(name[:12] for name in published) or "无"
        raise fail(f"{text} 不是文件夹，也不是唯一的已发布政策包；已发布：{known}", EXIT_TROUBLE)
    return folder_of(found[0].content)


def _row(one: Change) -> list[str]:
    cells = (one.file, one.key, one.field, KINDS_ZH[one.kind], one.old or "", one.new or "")
    return [escape(cell) for cell in cells]


@app.command()
def seal(folder: Folder = None, json: AsJson = False) -> None:
    """Write statutory.lock anew from clocks.csv. Exit 1 where a sealed row changed and no notice is named."""
    desk = _desk(folder)
    lock = desk.folder / statute.LOCK
    try:
        rows = table(desk.folder / "clocks.csv")
        sealed: Sequence[statute.Row] = table(lock) if lock.is_file() else []
        changed, text = statute.moved(sealed, rows), statute.text_of(rows)
    except BROKEN as error:
        raise fail(f"政策文件读不通：{error}{CHECK_FIRST}", EXIT_TROUBLE) from None
    notice = desk.bundle().statutory_change
    if changed and not notice:
        raise fail("\n".join(["未封存，法定期限有变动：", *changed, statute.HINT]))
    lock.write_text(text, encoding="utf-8")
    count = len(statute.statutory(rows))
    if json:
        as_json({"sealed": count, "changed": changed, "statutory_change": notice})
    else:
        typer.echo("\n".join([f"已封存 {count} 行法定期限", *changed]))


def _facts(one: Bundle) -> dict[str, Any]:
    return {
        "hash": one.hash,
        "version": one.version,
        "effective_from": one.effective_from,
        "published_at": one.published_at,
        "statutory_change": one.statutory_change,
        "note": one.note,
        "bytes": len(one.content),
    }


def _cells(one: Bundle, state: str) -> list[str]:
    at = one.published_at.astimezone(SHANGHAI) if one.published_at else None
    when = f"{at:%Y-%m-%d %H:%M}" if at else ""
    day = one.effective_from.isoformat()
    return [one.hash[:12], one.version, day, when, state, one.statutory_change, one.note]


def _line(one: Bundle) -> str:
    return f"{one.version}（{one.hash[:12]}），{one.effective_from} 起生效"
