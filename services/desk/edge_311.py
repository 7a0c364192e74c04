"""Open311 GeoReport v2, read only: https://wiki.open311.org/GeoReport_v2/ . Public where ANXIN_OPEN311=true.

No employer, no place, no text: the number of a case, what it is about, how it stands, and until when.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Query

from schemas.codec import parse_time
from schemas.event import Model, Refused
from services.desk import read_public
from services.desk.core.problem import Problem
from services.desk.core.problem_docs import problems
from services.desk.core.public import Request311, request_of
from services.desk.edge import At, Edge, edge_of

SPAN = timedelta(days=90)
REQUESTS_MAX = 1000
NUMBERS_MAX = 50
"""Of the standard: the last 90 days where no span is given, the first 1000."""


class Service(Model):
    """A kind of complaint (policies/categories.csv)."""

    service_code: str
    service_name: str
    description: str
    metadata: bool = False
    type: Literal["realtime"] = "realtime"
    keywords: str = ""
    group: str = "劳动监察"


def opened(edge: Annotated[Edge, Depends(edge_of)]) -> None:
    if not edge.open311:
        raise Problem("not_found")


router = APIRouter(prefix="/open311/v2", tags=["open311"], dependencies=[Depends(opened)])


@router.get("/services.json", responses=problems("not_found"))
async def services(edge: At) -> list[Service]:
    """Kinds of complaints."""
    edge.metrics.answered("", "answered")
    return [
        Service(service_code=code, service_name=name, description=name)
        for code, name in edge.categories.items()
    ]


@router.get("/requests.json", responses=problems("not_found", "bad_parameter"))
async def requests(
    edge: At,
    service_request_id: Annotated[str, Query()] = "",
    service_code: Annotated[str, Query()] = "",
    start_date: Annotated[str, Query()] = "",
    end_date: Annotated[str, Query()] = "",
    status: Annotated[str, Query()] = "",
) -> list[Request311]:
    """Cases, the newest first; `expected_datetime` is the governing deadline."""
    numbers = [one.strip() for one in service_request_id.split(",") if one.strip()]
    if len(numbers) > NUMBERS_MAX:
        raise Problem("bad_parameter", "service_request_id")
    return await _found(edge, numbers, _span(edge, start_date, end_date), (service_code, status))


@router.get("/requests/{service_request_id}.json", responses=problems("not_found"))
async def request(service_request_id: str, edge: At) -> list[Request311]:
    """One case by its number, in a list as the standard has it."""
    found = await _found(edge, [service_request_id], _span(edge, "", ""), ("", ""))
    if not found:
        raise Problem("not_found", "service_request_id")
    return found


async def _found(
    edge: Edge, numbers: list[str], span: tuple[datetime, datetime], wanted: tuple[str, str]
) -> list[Request311]:
    def read() -> list[Request311]:
        rows = read_public.opened_between(edge.engine, *span, numbers, REQUESTS_MAX)
        made = (
            request_of(view, edge.categories.get(view.sources[0].matter.category, ""), at)
            for view, at in rows
            if view.sources
        )
        return [one for one in made if one is not None and _fits(one, *wanted)]

    found = await to_thread.run_sync(read)
    edge.metrics.answered("", "answered")
    return found


def _fits(one: Request311, service_code: str, status: str) -> bool:
    codes, states = _set(service_code), _set(status)
    return (not codes or one.service_code in codes) and (not states or one.status in states)


def _set(text: str) -> set[str]:
    return {part.strip() for part in text.split(",") if part.strip()}


def _span(edge: Edge, start: str, end: str) -> tuple[datetime, datetime]:
    until = _time(end, "end_date") or edge.now()
    try:
        since = _time(start, "start_date") or until - SPAN
    except OverflowError:
        raise Problem("bad_parameter", "end_date") from None
    return since, until


def _time(text: str, name: str) -> datetime | None:
    try:
        return parse_time(text, name).astimezone(UTC) if text else None
    except (Refused, OverflowError):
        raise Problem("bad_parameter", name) from None
