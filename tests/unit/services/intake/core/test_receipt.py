from datetime import UTC, datetime
from uuid import UUID

import pytest

from schemas.actions import Replied
from schemas.escalations import ReplyOwed
from schemas.event import Event
from services.intake.core.certify import Origin
from services.intake.core.receipt import receipt

AT = datetime(2026, 11, 16, 3, tzinfo=UTC)
OWED = Event(
    UUID(int=9),
    "urn:anxin:escalation",
    AT,
    "EZ1",
    ReplyOwed(
        district="420704",
        case_id=UUID(int=7),
        submission_id=UUID(int=8),
        channel="12345",
        external_no="EZ1",
        conclusion="支付完毕",
        remark_zh="已支付",
        handled_at=AT,
    ),
)


def test_a_receipt_names_what_was_owed_and_is_the_same_command_each_time():
    out = receipt(Origin("12345", "ezhou"), OWED, "R1", AT)
    assert (out.topic, out.key) == ("actions", str(UUID(int=7)))
    data = out.event.data
    assert isinstance(data, Replied)
    assert (data.external_no, data.conclusion, data.receipt_no) == ("EZ1", "支付完毕", "R1")
    assert data.actor.post == "adapter"
    assert receipt(Origin("12345", "ezhou"), OWED, "R1", AT).event.id == out.event.id


def test_another_channels_reply_is_not_ours_to_confirm():
    with pytest.raises(ValueError, match="12333"):
        receipt(Origin("12333", "ezhou"), OWED, "R1", AT)
