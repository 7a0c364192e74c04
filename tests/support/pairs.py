"""Seeded pairs of raw records: one matter told twice, or two matters that look alike.

Written from what people do (they call twice, abbreviate, mistype, guess a sum), not from the rules that read it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.support.tellings import (
    BRANDS,
    NEIGHBOURS,
    START,
    TRADES,
    Matter,
    Person,
    later,
    matter,
    mistyped,
    person,
    short,
    telling,
    told,
)


@dataclass(frozen=True)
class Pair:
    """`same`: one matter. `first`, `second`: (channel, raw)."""

    kind: str
    same: bool
    first: tuple[str, dict[str, Any]]
    second: tuple[str, dict[str, Any]]


def _two(
    rng: random.Random, kind: str, number: str, how: Callable[[Matter], dict[str, Any]]
) -> Pair:
    who, what = person(rng), matter(rng)
    one = telling(rng, what, START)
    other = telling(rng, what, later(rng, START), **how(what))
    return Pair(
        kind,
        True,
        told(rng, f"A{number}", who, what, one),
        told(rng, f"B{number}", who, what, other),
    )


def twice(rng: random.Random, kind: str, number: str) -> Pair:
    """12333 ↔ 12345, the platform and the window: the same words to two offices."""
    return _two(rng, kind, number, lambda what: {})


def abbreviated(rng: random.Random, kind: str, number: str) -> Pair:
    return _two(rng, kind, number, lambda what: {"employer": short(rng, what.employer)})


def misspelt(rng: random.Random, kind: str, number: str) -> Pair:
    return _two(rng, kind, number, lambda what: {"employer": mistyped(what.employer)})


def rough(rng: random.Random, kind: str, number: str) -> Pair:
    """Told again from memory: a round sum, fewer months, sometimes only the brand."""
    brand = rng.random() < 0.3

    def how(what: Matter) -> dict[str, Any]:
        name = (
            next(one for one in BRANDS if what.employer.startswith(one)) if brand else what.employer
        )
        return {
            "employer": name,
            "rough": True,
            "channel": rng.choice(("12345", "12333")) if not brand else "12333",
        }

    return _two(rng, kind, number, how)


def nameless(rng: random.Random, kind: str, number: str) -> Pair:
    """The second record says what kind of place it is, and the sum."""
    who, what = person(rng), matter(rng)
    one = telling(rng, what, START, summed=True)
    trade = next(trade for trade in TRADES if what.employer.endswith(trade)).removesuffix(
        "有限公司"
    )
    other = telling(
        rng, what, later(rng, START), "12345 12333", employer=f"一家{trade}", summed=True
    )
    return Pair(
        kind,
        True,
        told(rng, f"A{number}", who, what, one),
        told(rng, f"B{number}", who, what, other),
    )


def new_phone(rng: random.Random, kind: str, number: str) -> Pair:
    """Same ID number."""
    who, what = person(rng), matter(rng)
    one = telling(rng, what, START, "national window")
    other = telling(rng, what, later(rng, START), "national window")
    moved = replace(who, phone=person(rng).phone)
    return Pair(
        kind,
        True,
        told(rng, f"A{number}", who, what, one),
        told(rng, f"B{number}", moved, what, other),
    )


def referred(rng: random.Random, kind: str, number: str) -> Pair:
    """催单: little is said but the old number."""
    who, what = person(rng), matter(rng)
    first = told(rng, f"A{number}", who, what, telling(rng, what, START, "12345 12333"))
    how = telling(
        rng, what, later(rng, START), "12345 12333", dated=False, summed=False, ref=f"A{number}"
    )
    return Pair(kind, True, first, told(rng, f"B{number}", who, what, how))


def proxy(rng: random.Random, kind: str, number: str) -> Pair:
    """A relative calls from the same phone under the own name: a person must say that it is one matter."""
    who, what = person(rng), matter(rng)
    kin = replace(person(rng), phone=who.phone)
    first = told(rng, f"A{number}", who, what, telling(rng, what, START))
    how = telling(rng, what, later(rng, START), "12345 12333", named=rng.random() < 0.5)
    return Pair(kind, True, first, told(rng, f"B{number}", kin, what, how))


def other_employer(rng: random.Random, kind: str, number: str) -> Pair:
    """A second job; now and then of the same trade next door."""
    who, one = person(rng), matter(rng)
    two = matter(rng)
    while two.employer[:2] == one.employer[:2]:
        two = matter(rng)
    if rng.random() < 0.3:
        trade = next(trade for trade in TRADES if one.employer.endswith(trade))
        brand = rng.choice([brand for brand in BRANDS if not one.employer.startswith(brand)])
        two = replace(two, employer=brand + trade, place=one.place)
    return _apart(rng, kind, number, (who, one), (who, two))


def neighbour(rng: random.Random, kind: str, number: str) -> Pair:
    """A second job at a name one character away, of the same trade; told in full both times."""
    who, one = person(rng), matter(rng)
    while not any(one.employer.startswith(brand) for brand in NEIGHBOURS):
        one = matter(rng)
    brand = next(brand for brand in NEIGHBOURS if one.employer.startswith(brand))
    two = replace(matter(rng), employer=one.employer.replace(brand, NEIGHBOURS[brand]))
    while (
        abs(two.yuan - one.yuan) < 200
        or two.place == one.place
        or set(two.months) & set(one.months)
    ):
        two = replace(matter(rng), employer=two.employer)
    return _apart(rng, kind, number, (who, one), (who, two), dated=rng.random() < 0.7, summed=True)


def branch(rng: random.Random, kind: str, number: str) -> Pair:
    """One name, two shops, a numeral apart."""
    who, one = person(rng), matter(rng)
    shop = one.employer.removesuffix("有限公司")
    two = replace(matter(rng), employer=f"{shop}二店")
    return _apart(rng, kind, number, (who, replace(one, employer=f"{shop}一店")), (who, two))


def colleague(rng: random.Random, kind: str, number: str) -> Pair:
    what = matter(rng)
    other = replace(
        what, yuan=what.yuan if rng.random() < 0.3 else what.yuan + rng.randint(1, 40) * 100
    )
    return _apart(rng, kind, number, (person(rng), what), (person(rng), other))


def second_period(rng: random.Random, kind: str, number: str) -> Pair:
    """Paid or not, the employer is in arrears again: new months, a new claim."""
    who, one = person(rng), matter(rng)
    first = one.months[1] + 1
    two = replace(
        one, months=(first, first + rng.randint(0, 1)), yuan=one.yuan + rng.choice((0, 300))
    )
    return _apart(rng, kind, number, (who, one), (who, two), dated=True)


def family(rng: random.Random, kind: str, number: str) -> Pair:
    """Two of a family, one phone, mostly one employer; each gives the own name or ID number."""
    who, what = person(rng), matter(rng)
    kin = replace(person(rng), phone=who.phone)
    while kin.name == who.name:
        kin = replace(person(rng), phone=who.phone)
    other = replace(what, yuan=what.yuan if rng.random() < 0.3 else what.yuan + 500)
    return _apart(rng, kind, number, (who, what), (kin, other), named=True)


def anonymous(rng: random.Random, kind: str, number: str) -> Pair:
    """The same arrears told by nobody: perhaps the same person, nobody may decide it by itself."""
    who, what = person(rng), matter(rng)
    first = told(rng, f"A{number}", who, what, telling(rng, what, START))
    quiet = telling(rng, what, later(rng, START), "12345", quiet=True)
    return Pair(kind, False, first, told(rng, f"B{number}", who, what, quiet))


def _apart(
    rng: random.Random,
    kind: str,
    number: str,
    one: tuple[Person, Matter],
    two: tuple[Person, Matter],
    **more: Any,
) -> Pair:
    first = told(rng, f"A{number}", *one, telling(rng, one[1], START, **more))
    return Pair(
        kind,
        False,
        first,
        told(rng, f"B{number}", *two, telling(rng, two[1], later(rng, START), **more)),
    )


SAME = (twice, abbreviated, misspelt, rough, nameless, new_phone, referred, proxy)
APART = (other_employer, neighbour, branch, colleague, second_period, family, anonymous)
KINDS: dict[str, Callable[[random.Random, str, str], Pair]] = {
    one.__name__: one for one in (*SAME, *APART)
}


def pairs(count: int, seed: int) -> Iterator[Pair]:
    """Kinds in turn."""
    rng = random.Random(seed)
    names = list(KINDS)
    for number in range(count):
        kind = names[number % len(names)]
        yield KINDS[kind](rng, kind, f"{seed}-{number}")
