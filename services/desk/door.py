"""From the door to the log: a request's records, all of them or none. Blocking."""

from collections.abc import Sequence
from uuid import UUID

from schemas.event import Reason
from services.desk.core.body import CloudEvent, Item
from services.desk.core.problem import Fault, Problem
from services.intake.adapter import Adapter, Answer, Row, channel_policy
from services.intake.core.certify import Enveloped, Origin
from services.kernel.ids import submission_id
from services.runtime.clock import clock_of
from services.runtime.connection import Connection
from services.runtime.publish import NotNow
from services.runtime.settings import Settings

SYSTEM = "http"
DELIVERY_MS_MAX = 10_000
AGAIN_S = 5


class Door:
    """What intake would refuse is refused here, before anything is sent."""

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self.policy, self.clock = channel_policy(settings), clock_of(settings.clock)
        self.connection = connection

    def deliver(self, channel: str, items: Sequence[Item]) -> list[tuple[str, UUID]]:
        """External number and submission id of each, once the broker has all. Raises Problem: refused, not_now."""
        at = self.clock.now() if self.clock.stepped else None
        judged = Adapter(Origin(channel, SYSTEM), self.policy, self.clock).judge(
            enumerate(map(_row, items)), at
        )
        faults = [_fault(answer) for answer, _ in judged if answer.status == "refused"]
        if faults:
            raise Problem("refused", faults=faults)
        try:
            publisher = self.connection.publisher()
        except NotNow:
            raise Problem("not_now", retry_after_s=AGAIN_S) from None
        try:
            sent = [answer for answer, _ in publisher.each(judged, at)]
        except NotNow:
            self.connection.drop(publisher)
            raise Problem("not_now", retry_after_s=AGAIN_S) from None
        return [(one.external_no, submission_id(channel, one.external_no)) for one in sent]


def _row(item: Item) -> Row:
    return Enveloped(item.event) if isinstance(item, CloudEvent) else item


def _fault(answer: Answer) -> Fault:
    reason = Reason(answer.code)
    return Fault(answer.row, answer.external_no, answer.field, reason, answer.reason)
