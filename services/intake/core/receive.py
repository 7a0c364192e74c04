"""收件: one row per channel and external number. New, silent, or an amendment."""

from datetime import datetime
from uuid import UUID

from schemas.event import Data, Event, Model, Out
from schemas.matter import Matter, Submission
from schemas.submissions import SubmissionAmended, SubmissionReceived
from services.intake.core.decode import Arrival
from services.intake.core.normalise import normalise
from services.intake.core.policy import Policy
from services.kernel import ids
from services.kernel.step import Step

SOURCE = "urn:anxin:intake"
TOPIC = "submissions"


class Receipt(Model):
    """What is remembered of an external number. `sent` False: a patrol without signs of arrears ended here.

    `via`: the ID number's row by whose way the first record went; an amendment takes the same.
    """

    content_hash: str
    person: str
    submission_id: UUID
    revision: int = 0
    sent: bool = True
    via: str = ""


def receive(
    policy: Policy, row: Receipt | None, arrival: Arrival, data_key: bytes, now: datetime
) -> Step[Receipt]:
    """Same content: silent. Changed content: an amendment to the person the first record named."""
    if row and row.content_hash == arrival.content_hash:
        return Step(row)
    fresh = normalise(policy, arrival, data_key, now)
    revision = row.revision + 1 if row else 0
    person = row.person if row else fresh.person
    submission = fresh.model_copy(update={"person": person, "revision": revision})
    told = bool(row and row.sent)
    send = told or is_matter(arrival, fresh.matter)
    via = row.via if row else _via(fresh)
    receipt = Receipt(
        content_hash=arrival.content_hash,
        person=person,
        submission_id=arrival.submission_id,
        revision=revision,
        sent=send,
        via=via,
    )
    if not send:
        return Step(receipt)
    kind = SubmissionAmended if told else SubmissionReceived
    data = kind(district=policy.district, submission=submission, via=via)
    return Step(receipt, (out(TOPIC, via or person, arrival.event, data, now),))


def _via(submission: Submission) -> str:
    """With a phone and an ID number: the ID number may be known under another phone."""
    who = submission.identity
    return who.id_number if who.id_number and who.phone else ""


def is_matter(arrival: Arrival, matter: Matter) -> bool:
    """A patrol opens a case with 欠薪苗头 = 有, or 疑似 and the like; 无 or nothing is a fact for oversight.

    Children at work open one whatever that column says (劳动法 §15).
    """
    if arrival.channel != "patrol" or matter.category == "child_labour":
        return True
    signs = arrival.reading.flag("arrears_signs")
    return signs or (signs is None and "arrears_signs" in arrival.reading.unread)


def out(topic: str, key: str, cause: Event, data: Data, now: datetime, ordinal: int = 0) -> Out:
    """An event that follows from `cause`, at the instant of the cause's record."""
    identity = ids.derived_id(cause.id, data.TYPE, ordinal)
    return Out(topic, key, Event(identity, SOURCE, now, key, data, cause.traceparent))
