"""The door for channels over HTTP: who sends is proven, what is sent is certified, 202 only after the broker's ack."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Path, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Engine

from schemas.event import Model
from schemas.matter import CHANNELS
from services.desk import bounded
from services.desk.core.body import BODY_BYTES_MAX, Item, items_of, media_type_of
from services.desk.core.problem import Problem
from services.desk.core.problem_docs import proven as proven_docs
from services.desk.core.signature import Keys, check, claim_of
from services.desk.metrics import DoorMetrics
from services.desk.nonces import Nonces
from services.runtime.clock import elapsed_s

DELIVERIES_MAX = 16
WAITING_MAX = 64
BUSY_AGAIN_S = 1
Deliver = Callable[[str, Sequence[Item]], list[tuple[str, UUID]]]
"""(channel, records) -> external number and submission id of each. Blocking; raises Problem."""


class Rates:
    """Requests a minute of each channel, in this process."""

    def __init__(self, per_minute_max: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute_max)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def take(self, channel: str, now_s: float) -> None:
        """Raises Problem: too_many."""
        if not self._window.hit(self._item, channel):
            until_s = self._window.get_window_stats(self._item, channel).reset_time
            raise Problem("too_many", "X-Channel", retry_after_s=max(1, round(until_s - now_s)))


@dataclass(frozen=True)
class Edge:
    """`wall`: real time, whatever time the cases live in. `categories`: code -> name. `open311`: public, or none."""

    keys: Keys
    nonces: Nonces
    rates: Rates
    deliver: Deliver
    metrics: DoorMetrics
    wall: Callable[[], datetime]
    now: Callable[[], datetime]
    engine: Engine
    categories: Mapping[str, str]
    open311: bool
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(DELIVERIES_MAX))


@dataclass(frozen=True, slots=True)
class Sender:
    """A proven channel, and what it sent."""

    channel: str
    body: bytes


async def edge_of(request: Request) -> Edge:
    found: Edge = request.app.state.edge
    return found


At = Annotated[Edge, Depends(edge_of)]
router = APIRouter(prefix="/v1", tags=["channels"])


async def proven(request: Request, edge: At) -> Sender:
    """Raises Problem."""
    claim = claim_of(request.scope["headers"], edge.wall())
    keys = edge.keys.get(claim.channel, ())
    body = await body_of(request)
    check(claim, keys, request.method, target_of(request), body)
    request.state.channel = claim.channel
    now_s = edge.wall().timestamp()
    edge.rates.take(claim.channel, now_s)
    if not await to_thread.run_sync(edge.nonces.take, claim.channel, claim.nonce, int(now_s)):
        raise Problem("replayed", "X-Nonce")
    return Sender(claim.channel, body)


From = Annotated[Sender, Depends(proven)]


def target_of(request: Request) -> bytes:
    """Path and query as they came over the wire."""
    path, query = request.scope["raw_path"], request.scope["query_string"]
    return bytes(path + b"?" + query if query else path)


async def body_of(request: Request) -> bytes:
    """Raises Problem: too_large, slow."""
    try:
        return await bounded.body_of(request, BODY_BYTES_MAX)
    except bounded.TooLarge as much:
        raise Problem("too_large", "Content-Length" if much.said else "") from None
    except bounded.TooSlow:
        raise Problem("slow") from None


class Taken(Model):
    """`submission_id`: derived from channel and number, the same however often it is sent."""

    external_no: str
    submission_id: UUID
    href: str


class Accepted(Model):
    """In the order sent."""

    submissions: tuple[Taken, ...]


@router.post(
    "/submissions/{channel}",
    status_code=202,
    responses=proven_docs("other_channel", "no_channel", "unsupported", "refused", "not_now"),
)
async def submit(
    channel: Annotated[str, Path(json_schema_extra={"enum": list(CHANNELS)})],
    request: Request,
    edge: At,
    sender: From,
) -> Accepted:
    """Take one record or a batch: all of it, or nothing."""
    if channel not in CHANNELS:
        raise Problem("no_channel", "channel")
    if channel != sender.channel:
        raise Problem("other_channel", "X-Channel")
    kinds = request.headers.get("content-type", ""), request.headers.get("content-encoding", "")
    began = elapsed_s()
    items = items_of(media_type_of(*kinds), sender.body)
    if edge.threads.statistics().tasks_waiting >= WAITING_MAX:
        raise Problem("not_now", retry_after_s=BUSY_AGAIN_S)
    taken = await to_thread.run_sync(edge.deliver, channel, items, limiter=edge.threads)
    edge.metrics.accepted(channel, len(taken), elapsed_s() - began)
    return Accepted(submissions=tuple(_taken(*one) for one in taken))


def _taken(external_no: str, submission: UUID) -> Taken:
    href = f"/v1/submissions/{submission}"
    return Taken(external_no=external_no, submission_id=submission, href=href)
