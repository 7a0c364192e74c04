"""`python -m bench`: what the spine can do on this machine, peers in the same run."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from bench import door, latency, pages, report, texts, throughput, timers, working_days
from bench.complaints import Maker
from bench.machine import Lab, dumps, facts, lab
from services.runtime.clock import elapsed_s
from services.runtime.settings import load_settings

ALONE = ("calendar", "texts", "pages")
"""Measured before there is a broker, which they do not need."""
PARTS = ("throughput", "latency", "backlog", "spread", "door", *ALONE)
SPREAD_S = 20.0
Tell = Callable[[str], None]


def main() -> int:
    asked = _asked()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it retries on topics a moment old
    console = Console(stderr=True)
    figures: dict[str, object] = {"machine": facts()}
    started = elapsed_s()
    settings = load_settings()
    if "calendar" in asked.only:
        figures["calendar"] = working_days.measure(settings.policies, asked.asks, console.log)
    if "texts" in asked.only:
        figures["texts"] = texts.measure(settings, console.log)
    if "pages" in asked.only:
        with tempfile.TemporaryDirectory(prefix="anxin-bench-") as home:
            maker = Maker(len(PARTS) + 1, settings)
            figures["pages"] = pages.measure(maker, asked.open, Path(home), console.log)
    if parts := [part for part in asked.only if part not in ALONE]:
        _on_a_broker(parts, asked, figures, console)
    console.log(f"{elapsed_s() - started:.0f} s")
    text = report.markdown(figures)
    if asked.write:
        report.write(text)
    if asked.json:
        sys.stdout.write(dumps(figures) + "\n")
    else:
        Console().print(Markdown(text))
    return 0


def _on_a_broker(
    parts: Sequence[str], asked: argparse.Namespace, figures: dict[str, object], console: Console
) -> None:
    with tempfile.TemporaryDirectory(prefix="anxin-bench-") as home, lab(Path(home)) as place:
        for part in parts:
            with console.status(part):
                figures[part] = _measure(part, place, asked, console.log)


def _measure(part: str, place: Lab, asked: argparse.Namespace, tell: Tell) -> dict[str, object]:
    maker = Maker(PARTS.index(part) + 1, load_settings())
    if part == "throughput":
        return throughput.measure(place, maker, asked.records, asked.rounds, tell)
    if part == "latency":
        return {
            str(rate): latency.measure(place, maker, rate, asked.seconds) for rate in asked.rates
        }
    if part == "door":
        return door.measure(place, maker, asked.door_seconds, asked.rounds, tell)
    if part == "backlog":
        return timers.measure(place, maker, timers.backlog(asked.rows), tell)
    return timers.measure(place, maker, timers.quiet(asked.deadlines, SPREAD_S, asked.armed), tell)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--records", type=int, default=12_000, help="cases for the router")
    parser.add_argument("--rounds", type=int, default=3, help="of each contender")
    parser.add_argument("--rates", type=int, nargs="+", default=[20, 50, 200], help="complaints/s")
    parser.add_argument("--seconds", type=int, default=20, help="of complaints, for latency")
    parser.add_argument("--door-seconds", type=int, default=8, help="of requests, each run")
    parser.add_argument("--rows", type=int, default=200_000, help="case rows due at one instant")
    parser.add_argument("--armed", type=int, default=1_000_000, help="rows due long after those")
    parser.add_argument("--deadlines", type=int, default=2_000, help="spread over 20 s")
    parser.add_argument("--asks", type=int, default=200_000, help="of the calendar")
    parser.add_argument("--open", type=int, default=50_000, help="open cases behind the pages")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--write", action="store_true", help="put the table into bench/README.md")
    parser.add_argument("--json", action="store_true", help="every run, to standard output")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
