"""法定期限的封存: rows of clocks.csv with mark law, kept a second time in statutory.lock; none changes by a slip.

A row may leave what is sealed only where the bundle's manifest names the notice (`statutory_change`), and whoever
seals it anew is held to the same.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

LOCK = "statutory.lock"
KEY = ("id", "variant")
SEALED = (
    "mark", "unit", "limit", "extension", "hard", "role", "starts_on", "stops_on",
)  # fmt: skip
NAMES_ZH = {
    "mark": "来源标记",
    "unit": "单位",
    "limit": "时限",
    "extension": "可延长",
    "hard": "法定硬期限",
    "role": "性质",
    "starts_on": "起算",
    "stops_on": "止算",
}
HINT = "如法律已修改，请在 manifest.toml 的 statutory_change 写明依据，再用 anxin policy seal 封存"
Row = Mapping[str, str]


def statutory(rows: Iterable[Row]) -> dict[tuple[str, ...], Row]:
    """Those with mark law, by id and variant; only the sealed columns."""
    return {
        tuple(row[name] for name in KEY): {name: (row[name] or "").strip() for name in SEALED}
        for row in rows
        if row["mark"] == "law"
    }


def moved(old: Iterable[Row], new: Iterable[Row]) -> list[str]:
    """What the statutory rows of `old` have become in `new`, a line each; empty = as they were."""
    rows = {tuple(row[name] for name in KEY): row for row in new}
    found = []
    for key, was in statutory(old).items():
        name = "/".join(filter(None, key))
        row = rows.get(key)
        if row is None:
            found.append(f"{name}：法定期限被删除")
            continue
        found += [
            f"{name}：{NAMES_ZH[column]} {was[column] or '空'} → {row[column] or '空'}"
            for column in SEALED
            if (row[column] or "").strip() != was[column]
        ]
    return found


def unsealed(lock: Iterable[Row], rows: Iterable[Row]) -> list[str]:
    """Statutory rows that are not in the lock yet."""
    known = statutory(lock)
    return [
        f"{'/'.join(filter(None, key))}：法定期限尚未封存，请运行 anxin policy seal"
        for key in statutory(rows)
        if key not in known
    ]


def problems(lock: Sequence[Row], rows: Sequence[Row], notice: str) -> list[str]:
    """In words; empty = good. With a notice (`statutory_change`) sealed rows may differ."""
    changed = [] if notice else [f"{one}；{HINT}" for one in moved(lock, rows)]
    return changed + unsealed(lock, rows)


def text_of(rows: Iterable[Row]) -> str:
    """statutory.lock."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*KEY, *SEALED))
    for key, row in statutory(rows).items():
        writer.writerow((*key, *row.values()))
    return out.getvalue()
