"""Who still runs: processes whose command or environment names a folder of the test's own."""

import os
from pathlib import Path


def of_home(home: Path) -> list[int]:
    """Pids, this process and the ended excepted."""
    return [pid for pid in _pids() if str(home).encode() in _said(pid, "cmdline", "environ")]


def named(home: Path, module: str) -> list[int]:
    return [pid for pid in of_home(home) if module.encode() in _said(pid, "cmdline")]


def _pids() -> list[int]:
    found = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [pid for pid in found if pid != os.getpid()]


def _said(pid: int, *files: str) -> bytes:
    """Empty of one that has ended, or is another user's."""
    try:
        return b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in files)
    except OSError:
        return b""
