"""回执: an adapter says that its source has the answer, so that the source's reply clock stops."""

from datetime import datetime

from schemas.actions import Actor, Replied
from schemas.escalations import ReplyOwed
from schemas.event import Event, Out
from services.intake.core.certify import Origin
from services.kernel import ids

POST = "adapter"
"""Of policies/verbs.csv."""


def receipt(origin: Origin, owed: Event, receipt_no: str, at: datetime) -> Out:
    """`owed`: one of `replies`; `at`: when the source took it. Said twice, it is one command.

    Raises ValueError where it is not owed to this channel.
    """
    data = owed.data
    if not isinstance(data, ReplyOwed) or data.channel != origin.channel:
        raise ValueError(f"{owed.type} {owed.id} is not a reply owed to {origin.channel}")
    said = Replied(
        district=data.district,
        case_id=data.case_id,
        actor=Actor(post=POST, account=origin.system),
        channel=data.channel,
        external_no=data.external_no,
        conclusion=data.conclusion,
        receipt_no=receipt_no,
    )
    case, identity = str(data.case_id), ids.derived_id(owed.id, Replied.TYPE)
    return Out("actions", case, Event(identity, origin.source, at, case, said, owed.traceparent))
