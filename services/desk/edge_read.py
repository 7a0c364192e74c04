"""What a channel may ask over HTTP: the fate of what it sent, and the answers it owes its source."""

import json
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query

from schemas.event import Instant, Model
from services.desk import read_public
from services.desk.core import cursor
from services.desk.core.problem import Problem
from services.desk.core.problem_docs import proven
from services.desk.core.public import Fate
from services.desk.edge import At, From
from services.desk.read_public import Reply

REPLIES_MAX = 200
router = APIRouter(prefix="/v1", tags=["channels"])


class Owed(Model):
    """应答复: one answer for the source. `id`: of the event; the same reply told twice has the same."""

    id: UUID
    external_no: str
    conclusion: str
    remark_zh: str
    paid_fen: int
    paid_people: int
    handled_at: Instant


class Replies(Model):
    """`next`: the `since` of the next request, whether or not anything came."""

    replies: tuple[Owed, ...]
    next: str


@router.get("/submissions/{submission_id}", responses=proven("not_found", "bad_parameter"))
async def fate(submission_id: UUID, edge: At, sender: From) -> Fate:
    """What became of a submission of this channel."""
    found = await to_thread.run_sync(read_public.fate, edge.engine, sender.channel, submission_id)
    if found is None:
        raise Problem("not_found", "submission_id", retry_after_s=5)
    edge.metrics.answered(sender.channel, "answered")
    return found


@router.get("/replies", responses=proven("bad_parameter"))
async def replies(edge: At, sender: From, since: Annotated[str, Query()] = "") -> Replies:
    """Answers owed to this channel's source, those after `since`, at most REPLIES_MAX."""
    known = cursor.read(since)
    found = await to_thread.run_sync(
        read_public.replies, edge.engine, sender.channel, known, REPLIES_MAX
    )
    ends = dict(known)
    for one in found:
        ends[one.partition] = one.offset + 1
    edge.metrics.answered(sender.channel, "answered")
    return Replies(replies=tuple(map(_owed, found)), next=cursor.written(ends))


def _owed(reply: Reply) -> Owed:
    data: dict[str, Any] = json.loads(reply.value)
    wanted = {name: data.get(name, 0) for name in Owed.model_fields if name != "id"}
    return Owed.model_validate({**wanted, "id": reply.event_id})
