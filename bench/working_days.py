"""Working days a second: ours, a loop over days, and what libraries that know the Chinese calendar do. No broker."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import process_time

import chinese_calendar
import holidays

from services.kernel.calendar import Calendar, add_days, calendar_of
from services.runtime.policy_files import calendar_years, toml

SEED = 2026
# Every contender knows these years and the 90 working days after them.
FIRST, LAST = date(2016, 1, 1), date(2025, 6, 30)
AMOUNT_MAX = 90
ROUNDS = 5
OURS = "Anxin `add_days`"
NAIVE = "the same calendar, day by day"
DAY = timedelta(days=1)
Ask = tuple[date, int]
AddDays = Callable[[date, int], date]


@dataclass(frozen=True, slots=True)
class Contender:
    """`asks`: how many of the questions it is given, so that a slow one ends too."""

    name: str
    add_days: AddDays
    asks: int


def measure(policies: Path, asks: int, tell: Callable[[str], None]) -> dict[str, object]:
    """Answers compared first, then answers a CPU second, medians of alternating rounds; ratios to the loop."""
    calendar = _national(policies)
    questions = _questions(asks)
    contenders = _contenders(calendar, asks)
    differing = {one.name: _differing(one, calendar, questions) for one in contenders}
    runs: dict[str, list[float]] = {one.name: [] for one in contenders}
    for number in range(ROUNDS):
        for one in contenders if number % 2 else reversed(contenders):
            runs[one.name].append(_per_s(one, questions))
        tell(f"working days: round {number + 1} of {ROUNDS}")
    naive = median(runs[NAIVE])
    return {
        "asks": asks,
        "contenders": {
            name: {
                "per_cpu_s": round(median(found)),
                "ratio": median(found) / naive,
                "differing": differing[name],
                "runs": [round(one) for one in found],
            }
            for name, found in runs.items()
        },
    }


def _national(policies: Path) -> Calendar:
    """Without the days off of one province, which the libraries do not know."""
    windows = toml(policies / "office.toml")["windows"]
    return calendar_of(calendar_years(policies), timezone="Asia/Shanghai", windows=windows)


def _contenders(calendar: Calendar, asks: int) -> list[Contender]:
    off, makeup = set(calendar.days_off), set(calendar.makeup)

    def naive(day: date, amount: int) -> date:
        """As short and quick as such a loop gets: sets of ordinals, Monday is 1 modulo 7."""
        ordinal, left = day.toordinal(), amount
        while left:
            ordinal += 1
            left -= ordinal in makeup or (0 < ordinal % 7 < 6 and ordinal not in off)
        return date.fromordinal(ordinal)

    china = holidays.country_holidays("CN", years=range(FIRST.year, LAST.year + 2))
    few = max(1, asks // 100)
    return [
        Contender(OURS, lambda day, amount: add_days(calendar, day, amount), asks),
        Contender(NAIVE, naive, few),
        Contender("chinesecalendar `find_workday`", _find_workday, few),
        Contender("holidays `get_nth_working_day`", china.get_nth_working_day, few),
    ]


def _find_workday(day: date, amount: int) -> date:
    """Its day 0 is the start or, where that is off, the next working day; ours is the start itself."""
    off = not chinese_calendar.is_workday(day)
    found: date = chinese_calendar.find_workday(amount - off, day)
    return found


def _questions(asks: int) -> list[Ask]:
    draw = random.Random(SEED)
    span = (LAST - FIRST).days
    return [(FIRST + DAY * draw.randrange(span), draw.randint(1, AMOUNT_MAX)) for _ in range(asks)]


def _differing(one: Contender, calendar: Calendar, questions: list[Ask]) -> int:
    """Answers other than ours, of a thousand."""
    return sum(
        one.add_days(day, amount) != add_days(calendar, day, amount)
        for day, amount in questions[:1000]
    )


def _per_s(one: Contender, questions: list[Ask]) -> float:
    work, asked = one.add_days, questions[: one.asks]
    started = process_time()
    for day, amount in asked:
        work(day, amount)
    return len(asked) / (process_time() - started)
