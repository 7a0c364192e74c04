"""今日: the last days up to now, so that a board is alive when somebody opens it. Pure, and the same for the same seed.

Gives lines of a scenario (services/demo/core/scenario.py); what they are made of is demo/today.toml.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.demo.core.channels import RAW, Matter
from services.kernel.calendar_days import Calendar
from services.kernel.calendar_minutes import add_minutes, minutes_between

ROUND_THE_CLOCK = ("12345", "national")
"""Who takes a complaint at night; the others in working hours."""
SPOKEN = ("12345", "national", "12333")
"""Whose record has words of its own: the courses with a `text` come through them."""
ANSWERS = {
    "12345": "hotline_liaison", "12333": "hotline_liaison", "national": "platform_admin",
    "provincial": "platform_admin", "window": "centre_duty",
}  # fmt: skip
"""Who answers a channel; a patrol is nobody's question."""
BUSY_GRIDS, BUSY_SHARE = 5, 0.25
TRIES = 4
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A grid and a village of it, as callers write it: 花湖镇金鸡桥社区."""

    grid: str
    place: str


def spots_of(grids: Sequence[Mapping[str, str]]) -> tuple[Spot, ...]:
    """Of the rows of policies/grids: each grid by its first village."""
    return tuple(
        Spot(row["grid"], row["unit"] + row["village_names"].split("|")[0])
        for row in grids
        if row["village_names"]
    )


def today(
    scene: Mapping[str, Any], spots: Sequence[Spot], calendar: Calendar, now: datetime, seed: int
) -> list[Line]:
    """In order of time, none after `now`."""
    dice = random.Random(seed)  # noqa: S311 - a scene, no secret
    teller = _Teller(scene, dice, list(spots), calendar, now.astimezone(calendar.zone))
    lines = [*teller.courses(), *teller.broken()]
    return sorted(
        (one for one in lines if one["at"] <= teller.now.isoformat()), key=lambda one: one["at"]
    )


class _Teller:
    """Draws employers without putting back: none of them has two cases by chance."""

    def __init__(
        self,
        scene: Mapping[str, Any],
        dice: random.Random,
        spots: list[Spot],
        calendar: Calendar,
        now: datetime,
    ) -> None:
        self.scene, self.dice, self.calendar, self.now = scene, dice, calendar, now
        self.spots = dice.sample(spots, len(spots))
        firms = [
            (b, b + t["kind"], t["job"]) for b in scene["names"]["brands"] for t in scene["trade"]
        ]
        self.firms = dice.sample(firms, len(firms))
        self.busy = self.spots[:BUSY_GRIDS]
        self.number = 0

    def courses(self) -> Iterator[Line]:
        for course in self.scene["course"]:
            spot = self._spot() if "employer" in course else None
            for _ in range(course["count"]):
                yield from self._one(course, spot or self._spot())

    def broken(self) -> Iterator[Line]:
        for n, one in enumerate(self.scene["broken"]):
            at = self.now - timedelta(days=one["days_ago"])
            yield {
                "at": _text(at), "kind": "broken", "channel": one["channel"], "external_no": f"BAD-{n}",
                "value": one["value"],
            }  # fmt: skip

    def _one(self, course: Mapping[str, Any], spot: Spot) -> Iterator[Line]:
        matter = self._matter(course, spot)
        channels = self._channels(course, matter.at)
        told = [(matter, channels[0])]
        if course.get("also"):
            later = matter.at + timedelta(minutes=self.dice.randint(20, 180))
            told.append((replace(matter, at=later), channels[1]))
        for one, channel in told:
            yield {
                "at": _text(one.at), "kind": "submission", "channel": channel, "case": one.number,
                "external_no": self._no(channel, one), "raw": RAW[channel](one, self._no(channel, one)),
            }  # fmt: skip
        pace = self.dice.uniform(0.8, 1.2)
        for deed in course.get("deeds", ()):
            yield from self._deed(deed, matter, channels[0], pace)

    def _deed(
        self, deed: Mapping[str, Any], matter: Matter, channel: str, pace: float
    ) -> Iterator[Line]:
        after_m = round(deed["after_h"] * 60 * pace)
        at = add_minutes(self.calendar, matter.at, after_m).astimezone(self.calendar.zone)
        line = {"actor": "grid_officer", "case": matter.number} | dict(deed) | {"at": _text(at)}
        del line["after_h"]
        if deed["kind"] == "paid":
            line |= {"amount_yuan": matter.amount_yuan, "workers": matter.people}
        if deed["kind"] == "replied":
            if channel not in ANSWERS:
                return
            no = self._no(channel, matter)
            line |= {
                "actor": ANSWERS[channel], "source": channel, "external_no": no, "receipt_no": f"HZ-{no}",
            }  # fmt: skip
        yield line

    def _matter(self, course: Mapping[str, Any], spot: Spot) -> Matter:
        self.number += 1
        at = self._came(*course["days_ago"])
        employer, job = self._firm(course)
        people = course.get("people") or self.dice.choice((1, 1, 1, 2, 2, 3, 4))
        first, last = (
            _month(self.now, back) for back in self.dice.choice(((3, 2), (2, 1), (4, 2)))
        )
        matter = Matter(
            self.number, at.replace(second=0, microsecond=0), spot.grid, spot.place,
            employer, job, self.dice.choice(self.scene["names"]["surnames"]) + "某",
            f"138010{self.number:05d}", people * self.dice.randrange(2800, 9600, 100), people, first, last, "",
            site=course.get("text") == "site",
        )  # fmt: skip
        words = self.dice.choice(self.scene["texts"][course.get("text", "plain")])
        said = words.format(
            place=matter.place, employer=matter.employer, job=job, amount=matter.amount_yuan, people=people,
            phone=matter.phone, person=matter.person, **{"from": _said(first), "to": _said(last)},
        )  # fmt: skip
        return replace(matter, text=said)

    def _came(self, low: float, high: float) -> datetime:
        """Mostly in working hours, as people do."""
        for _ in range(TRIES):
            at = self.now - timedelta(days=self.dice.uniform(low, high))
            if self._open(at):
                break
        return at

    def _open(self, at: datetime) -> bool:
        return minutes_between(self.calendar, at, at + timedelta(minutes=1)) > 0

    def _firm(self, course: Mapping[str, Any]) -> tuple[str, str]:
        brand, employer, job = self.firms.pop()
        if "trade" in course:
            return brand + course["trade"]["kind"], course["trade"]["job"]
        return course.get("employer", employer), job

    def _channels(self, course: Mapping[str, Any], at: datetime) -> list[str]:
        able = SPOKEN if "text" in course else tuple(RAW) if self._open(at) else ROUND_THE_CLOCK
        if course.get("also"):
            able = SPOKEN  # these name the person: nobody joins what came without one
        return self.dice.sample(able, len(able))

    def _spot(self) -> Spot:
        """Every fourth in one of the few busy grids, the others where it has been quiet for longest."""
        if self.dice.random() < BUSY_SHARE:
            return self.dice.choice(self.busy)
        self.spots.append(self.spots.pop(0))
        return self.spots[-1]

    def _no(self, channel: str, matter: Matter) -> str:
        return f"{channel.upper()}-D{matter.at:%y%m%d}-{matter.number:03d}"


def _text(at: datetime) -> str:
    return at.replace(second=0, microsecond=0).isoformat()


def _month(now: datetime, back: int) -> str:
    index = now.year * 12 + now.month - 1 - back
    return f"{index // 12}-{index % 12 + 1:02d}"


def _said(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"
