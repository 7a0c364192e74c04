"""The router without a broker: the policy of this repository, cases made of places, facts about them."""

from datetime import UTC, datetime
from functools import cache

from schemas.cases import CaseOpened, CaseRouted
from schemas.escalations import AssignmentReturned
from schemas.event import Event
from schemas.matter import Employer, Hint, Matter, Place, Span
from services.kernel.ids import derived_id
from services.router.core.gridmap import GridMap
from services.router.core.policy import Policy
from services.router.settings import load_policy
from services.runtime.policy_files import table
from services.runtime.settings import Settings
from tests.support import events

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
POLICIES = Settings().policies
SPAN = Span(field="content", start=0, end=4)


@cache
def policy() -> Policy:
    return load_policy(Settings())


def grids() -> GridMap:
    return policy().map_at(NOW)


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    return tuple(table(POLICIES / name))


def village(code: str, role: str = "work", field: str = "content", **more: object) -> Place:
    return _place("village", code, role, field, **more)


def unit(code: str, role: str = "work", field: str = "content", **more: object) -> Place:
    return _place("unit", code, role, field, **more)


def grid(code: str) -> Place:
    return _place("grid", code, "work", "grid")


def point(lon: float, lat: float, crs: str = "WGS-84") -> Place:
    return _place("coordinates", "", "work", "track", lon=lon, lat=lat, crs=crs)


def _place(kind: str, code: str, role: str, field: str, **more: object) -> Place:
    span = Span(field=field, start=0, end=4)
    return Place(kind=kind, name=code, code=code, unit_code=code[:9], role=role, span=span, **more)


def matter(*places: Place, employer: str = "某餐饮店", **more: object) -> Matter:
    who = Employer(name=employer, normalised=employer, span=SPAN) if employer else None
    full = {"category": "wages", "sector": "non_construction", "employer": who, "places": places}
    return Matter(**(full | more))


def hint(verdict: str, exit_: str = "") -> Hint:
    return Hint(verdict=verdict, exit=exit_, rule="test", span=SPAN)


def opened(*places: Place, **more: object) -> Event:
    about = more.pop("matter", None) or matter(*places, **more)
    data = CaseOpened(
        district="420704",
        case_id=events.CASE,
        number="20261116-ABCDEF",
        submission=events.submission(matter=about),
    )
    return Event(derived_id(events.CASE, "opened"), "urn:test", NOW, str(events.CASE), data)


def returned(number: int = 1, **more: object) -> Event:
    full = {"reason": "wrong_grid", "returns": 1, "from_grid": ""} | more
    data = AssignmentReturned(district="420704", case_id=events.CASE, **full)
    identity = derived_id(events.CASE, "returned", number)
    return Event(identity, "urn:test", NOW, str(events.CASE), data)


def by_hand(number: int = 1, *, ruled: bool = False, **more: object) -> Event:
    reason = "ruled" if ruled else "by_hand"
    return returned(number, reason=reason, ruled=ruled, disputed=ruled, **more)


def routed(step: object) -> CaseRouted:
    """The one event of a step."""
    (out,) = step.events
    assert isinstance(out.event.data, CaseRouted)
    return out.event.data
