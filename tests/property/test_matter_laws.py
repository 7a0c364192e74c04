"""Laws of the same matter: order of comparing, who may never be joined, and every record in exactly one case."""

import random
from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.cases import CaseOpened, Likeness, MatterSuggested, SubmissionJoined
from schemas.matter import Submission
from services.intake.core.check import arrival_of
from services.intake.core.desk import Desk
from services.intake.core.joining import BANDS
from services.intake.core.likeness import compared, likeness
from services.intake.core.matters import matter_of
from services.kernel import ids
from tests.support import intake
from tests.support.tellings import START, later, matter, mistyped, person, short, telling, told

RULE = intake.policy().join
seeds = st.integers(0, 2**32)
texts = st.text("好又来多宏达锦和便利店超市服装厂一二三某家", min_size=1, max_size=9)


def records(seed: int, count: int) -> list[tuple[str, dict]]:
    """A few people of a few employers, who tell it again in their ways."""
    rng = random.Random(seed)
    people = [person(rng) for _ in range(rng.randint(1, 3))]
    people.append(people[0].__class__(person(rng).name, people[0].phone, person(rng).id_number))
    whats = [matter(rng) for _ in range(rng.randint(1, 2))]
    found, at = [], START
    for number in range(count):
        what = rng.choice(whats)
        name = rng.choice((what.employer, short(rng, what.employer), mistyped(what.employer)))
        how = telling(rng, what, at, employer=name, quiet=rng.random() < 0.15)
        found.append(told(rng, f"N{number}", rng.choice(people), what, how))
        at = min(later(rng, at), START + timedelta(days=60))
    return found


def submissions(seed: int, count: int = 2) -> list[Submission]:
    arrivals = [
        arrival_of(intake.policy(), {"id": "x", "channel": channel, "raw": raw})
        for channel, raw in records(seed, count)
    ]
    return [intake.normalise(intake.policy(), one, intake.KEY, one.event.time) for one in arrivals]


def judged(one: Submission, other: Submission, *, home: bool) -> Likeness:
    return likeness(RULE, matter_of(ids.case_id(one.submission_id), one), other, home=home)


@given(seeds)
def test_it_does_not_matter_which_was_told_first(seed):
    one, other = submissions(seed)
    home = one.person == other.person
    there, back = judged(one, other, home=home), judged(other, one, home=home)
    assert (there.band, there.score) == (back.band, back.score)
    assert {point.rule for point in there.points} == {point.rule for point in back.points}


@given(seeds, st.booleans())
def test_the_band_is_that_of_the_sum_or_a_narrower_one(seed, home):
    like = judged(*submissions(seed), home=home)
    total = max(0, min(100, sum(point.points for point in like.points)))
    assert like.score == total / 100
    limits = [RULE.band(total), *(point.at_most for point in like.points)]
    assert like.band == max(limits, key=BANDS.index)


@given(seeds, st.booleans())
def test_who_is_never_joined(seed, home):
    """Anonymous, another ID number, another person: whatever the caller says of the row."""
    one, other = submissions(seed)
    like = judged(one, other, home=home)
    ours, theirs = one.identity, other.identity
    if one.anonymous or other.anonymous:
        assert like.band != "join"
    elif ours.id_number and theirs.id_number and ours.id_number != theirs.id_number:
        assert like.band == "new"
    elif not home and ours.phone != theirs.phone and ours.id_number != theirs.id_number:
        assert like.band != "join"


@given(texts, texts)
def test_names_compare_alike_both_ways_and_with_themselves(one, other):
    assert compared(RULE, one, other) == compared(RULE, other, one)
    assert compared(RULE, one, one) in ("employer_same", "employer_trade")


@settings(max_examples=60)
@given(seeds, st.integers(2, 9))
def test_every_record_is_in_exactly_one_case_and_again_is_silent(seed, count):
    desk, fates, numbers = Desk(intake.policy()), Counter(), {}
    for channel, raw in records(seed, count) * 2:
        arrival = arrival_of(intake.policy(), {"id": "x", "channel": channel, "raw": raw})
        for data in desk.take(arrival, arrival.event.time):
            if isinstance(data, MatterSuggested):
                assert data.likeness.band == "suggest"
                assert numbers[data.other] == data.other_number
            else:
                assert isinstance(data, CaseOpened | SubmissionJoined)
                fates[data.submission.submission_id] += 1
                if isinstance(data, CaseOpened):
                    numbers[data.case_id] = data.number
    assert len(fates) == count
    assert set(fates.values()) == {1}


@settings(max_examples=40)
@given(seeds)
def test_whoever_was_joined_is_one_person(seed):
    """No case holds two ID numbers, and nobody unknown beside another."""
    desk, of_case = Desk(intake.policy()), {}
    for channel, raw in records(seed, 8):
        arrival = arrival_of(intake.policy(), {"id": "x", "channel": channel, "raw": raw})
        desk.take(arrival, arrival.event.time)
    for row in desk.known.values():
        for one in row.matters if row else ():
            assert len(one.id_numbers) <= 1
            assert not (one.alone and len(one.submissions) > 1)
            of_case.setdefault(one.case_id, set()).add(one.person)
    assert all(len(people) == 1 for people in of_case.values())
