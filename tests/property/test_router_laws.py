"""Laws of the router: the map is total, the proof sees every injury, nobody is ever sent nowhere."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.cases import CaseDeclined, CaseRouted, RuleKind
from schemas.matter import Employer, Hint, Matter, Place, Span
from services.router.core.coverage import coverage
from services.router.core.gridmap import section_of
from services.router.core.route import route
from services.router.core.weigh import ALTERNATIVES_MAX, key_of, weigh
from tests.support import router
from tests.support.router import NOW, grids, opened, policy, rows

POSTS = {"grid_officer", "town_squad_leader", "brigade_leader", "centre_duty", "centre_head"}
names = st.text(max_size=30)
villages = st.sampled_from(sorted(grids().of_village))
codes = st.one_of(
    villages,
    st.sampled_from(sorted(grids().grids)),
    st.sampled_from(sorted(grids().of_unit)),
    names,
)
spans = st.builds(Span, field=st.sampled_from(["place", "content", "title", "grid"]))
ratio = st.floats(0, 1, allow_nan=False)
places = st.builds(
    Place,
    kind=st.sampled_from(
        ["coordinates", "grid", "village", "unit", "road", "district", "elsewhere"]
    ),
    name=names,
    code=codes,
    unit_code=codes,
    lon=st.none() | st.floats(73, 136),
    lat=st.none() | st.floats(3, 54),
    crs=st.sampled_from(["", "WGS-84", "GCJ-02"]),
    role=st.sampled_from(["work", "employer_address", "home", "unknown"]),
    confidence=ratio,
    span=spans,
)
hints = st.builds(
    Hint,
    verdict=st.sampled_from(
        [
            "accept",
            "other_district",
            "not_labour",
            "time_barred",
            "in_arbitration",
            "needs_more_info",
        ]
    ),
    exit=st.sampled_from(["", "exit_consumer", "out_of_scope", "wages", "no such"]),
    rule=names,
    span=spans,
)
matters = st.builds(
    Matter,
    category=names,
    sector=st.sampled_from(["construction", "non_construction", "unknown"]),
    employer=st.none() | st.builds(Employer, name=names, normalised=names, span=spans),
    places=st.lists(places, max_size=6).map(tuple),
    hints=st.lists(hints, max_size=3).map(tuple),
)
facts = st.builds(
    router.returned,
    st.integers(0, 5),
    reason=st.sampled_from(["wrong_grid", "not_ours", "duplicate", "conflict_of_interest", "x"]),
    returns=st.integers(0, 3),
    to_grid=codes,
    disputed=st.booleans(),
    route_grid=st.just("") | codes,
    route_unit_code=st.just("") | codes,
    ruled=st.booleans(),
)


def somebody(said: CaseRouted) -> None:
    """A known post; a grid officer has a grid of the map, a squad leader a unit of the map."""
    target = said.target
    assert target.post in POSTS
    assert (target.post == "grid_officer") == (target.grid in grids().grids)
    if target.post == "grid_officer":
        assert grids().grids[target.grid].unit_code == target.unit_code
        villages_ = grids().grids[target.grid].villages
        assert target.village_code in ("", *villages_)
    if target.post == "town_squad_leader":
        assert target.unit_code in grids().of_unit
    assert (said.rule_kind == "triage") == bool(said.triage_reason)
    assert len(said.alternatives) <= ALTERNATIVES_MAX
    assert key_of(target) not in {key_of(one) for one in said.alternatives}


@given(matters)
def test_every_matter_is_routed_or_declined_with_a_channel_and_always_the_same(matter):
    step, again = (route(policy(), None, opened(matter=matter), NOW) for _ in range(2))
    assert step == again
    (out,) = step.events
    said = out.event.data
    if isinstance(said, CaseDeclined):
        assert said.channel_zh
        assert said.advice_zh
    else:
        somebody(said)


@given(matters, st.lists(facts, max_size=4), st.lists(facts, max_size=4))
def test_whatever_comes_back_in_whatever_order_somebody_has_it(matter, early, late):
    row, attempts, ids = None, [], []
    for event in (*early, opened(matter=matter), *late):
        step = route(policy(), row, event, NOW)
        row = step.state
        for out in step.events:
            ids.append((event.id, out.event.id))
            if isinstance(out.event.data, CaseRouted):
                somebody(out.event.data)
                attempts.append(out.event.data.attempt)
        silent = event.data.TYPE == "cn.anxin.assignment.returned.v1" and row.opened
        if silent and not step.events:
            assert event.data.disputed  # the only fact after which the owner still holds the case
            assert not event.data.ruled
    assert attempts == list(range(1, len(attempts) + 1))


@given(villages, names, st.sampled_from(["work", "employer_address", "unknown"]))
def test_every_village_goes_to_exactly_one_grid_of_its_own(village, employer, role):
    one = router.village(village, role)
    finding = weigh(grids(), router.matter(one, employer=employer))
    owners = {grid.code for grid in grids().of_village[village]}
    assert finding.target.grid in owners
    assert finding.target.village_code == village
    assert finding == weigh(grids(), router.matter(one, employer=employer))


@given(names, st.integers(1, 12))
def test_a_section_is_one_of_them(name, sections):
    assert 1 <= section_of(name, sections) <= sections
    assert section_of(name, sections) == section_of(name, sections)


def _proof(change) -> list[str]:
    found = [dict(row) for row in rows("grids/2025-01-01.csv")]
    change(found)
    return coverage(found, rows("places/villages.csv"), rows("places/units.csv"))


@given(st.integers(0, 128))
def test_any_grid_left_out_is_found(number):
    found = _proof(lambda grids_: grids_.pop(number))
    assert any("128 grids" in problem for problem in found)
    assert any(problem.startswith(("gap", "overlap")) for problem in found)


@given(st.integers(0, 128), villages)
def test_any_village_given_twice_is_found(number, village):
    def give(grids_: list[dict]) -> None:
        grids_[number]["village_codes"] += f"|{village}"

    assert _proof(give)


@given(st.integers(0, 128), st.integers(0, 128))
def test_any_grid_copied_over_another_is_found(one, other):
    def copy(grids_: list[dict]) -> None:
        grids_[one] = dict(grids_[other])

    assert bool(_proof(copy)) == (one != other)


@given(st.integers(-10_000, 30_000), matters)
def test_on_any_day_there_is_a_map(days, matter):
    said = route(policy(), None, opened(matter=matter), NOW + timedelta(days)).events
    assert len(said) == 1


def test_the_kinds_of_rules_are_those_of_the_contract():
    assert {"grid", "village", "unit", "employer_address", "triage"} < set(RuleKind.__args__)
