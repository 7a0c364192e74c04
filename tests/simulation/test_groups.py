"""One employer and many who complain of it, under every weather: told exactly what the script says."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.employers import GroupClaimRaised
from services.kernel.ids import case_id, submission_id
from tests.simulation.facts import facts_of
from tests.simulation.invariants import broken
from tests.simulation.officers import plan
from tests.simulation.people import Told, Trouble, hours, inbound, person_of, raw_of
from tests.simulation.world import HARD, Script, World, weather_of

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
CHANNELS = ("window", "12345", "national")
EMPLOYER, PLACE = "某甲电子厂", "凤凰街道司徒社区"
YUAN = 3_000


def crowd(seed: int, size: int, *, deeds: bool) -> Script:
    """`size` people, each with one matter of 3 000 yuan; some say it twice. `deeds`: officers act, close, reopen."""
    rng = random.Random(f"crowd {seed}")
    people = [replace(person_of(rng, n), phone=f"1380000{n:04d}") for n in range(size)]
    told: list[Told] = []
    done = []
    for number, person in enumerate(people):
        trouble = Trouble(person, EMPLOYER, PLACE, YUAN, "")
        at = START + hours(rng, 24 * 20)
        own = [_say(rng, trouble, at, f"{number}-0")]
        if rng.random() < 0.3:
            own.append(_say(rng, trouble, at + timedelta(minutes=9), f"{number}-1"))
        told += own
        done += plan(rng, own) if deeds else []
    end = max([START + timedelta(days=60), *(one.at + timedelta(days=3) for one in done)])
    return Script(START, end, tuple(told), tuple(done), tuple(people))


def _say(rng: random.Random, trouble: Trouble, at: datetime, number: str) -> Told:
    channel = rng.choice(CHANNELS)
    raw = raw_of(rng, channel, number, trouble, at)
    raw["anonymous"] = "否"
    message = inbound(channel, number, raw, at, f"{channel}{number}", number)
    return Told(at, message, submission_id(channel, number), channel, number, "case")


def claims(world: World) -> list[GroupClaimRaised]:
    return [event.data for event in facts_of(world).kind("claims", GroupClaimRaised)]


@pytest.mark.parametrize("size", [2, 3, 9, 10, 12])
@pytest.mark.parametrize("seed", [1, 2])
def test_who_is_told_is_what_the_script_says(seed, size):
    script = crowd(seed, size, deeds=False)
    world = World(seed, HARD, patient=bool(seed % 2), script=script).run()
    assert broken(world) == []
    first = {told.number.split("-")[0]: told for told in reversed(script.told)}
    cases = {case_id(told.submission) for told in first.values()}
    said = claims(world)
    rules = {rule for rule, least in (("cases_3", 3), ("people_10", 10)) if size >= least}
    assert sorted((one.rule, one.case_id) for one in said) == sorted(
        (rule, case) for rule in rules for case in cases
    )
    most = max((one.people for one in said), default=size)
    assert most == size
    assert max((one.amount_fen for one in said), default=0) in (0, size * YUAN * 100)


@pytest.mark.parametrize("seed", range(12))
def test_a_crowd_with_deeds_and_faults_is_well(seed):
    script = crowd(seed, 3 + seed, deeds=True)
    weather = HARD if seed % 3 == 0 else weather_of(seed)
    world = World(seed, weather, patient=seed % 2 == 0, script=script).run()
    assert broken(world) == []
    assert claims(world)


def test_the_checker_sees_a_claim_too_many_and_one_too_few():
    world = World(1, HARD, patient=True, script=crowd(1, 4, deeds=False)).run()
    assert broken(world) == []
    place = next(place for place in world.log.partitions if place[0] == "claims")
    kept = world.log.partitions.pop(place)
    assert any("said 0 times" in text for text in broken(world))
    headers = tuple(
        (name, str(script_id).encode() if name == "ce_id" else raw)
        for script_id in [submission_id("x", "y")]
        for name, raw in kept[0].headers
    )
    world.log.partitions[place] = [*kept, replace(kept[0], headers=headers)]
    assert any("said 2 times" in text for text in broken(world))
