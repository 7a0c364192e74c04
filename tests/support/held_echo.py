"""The echo whose first batch is held as long as the file of ECHO_HOLD is there; `….entered` says that it began."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from services.runtime.settings import load_settings
from services.runtime.stage import Input
from services.runtime.worker import run
from tests.support.echo import ECHO

HOLD = Path(os.environ["ECHO_HOLD"])


def held(items: Sequence[Input]) -> Sequence[Input]:
    HOLD.with_suffix(".entered").touch()
    while HOLD.exists():
        time.sleep(0.01)
    return items


if __name__ == "__main__":
    run("escalation", lambda _: [replace(ECHO, enrich=held)], load_settings())
