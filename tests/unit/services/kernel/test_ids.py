from datetime import UTC, datetime
from uuid import UUID

from services.kernel.ids import case_id, case_number, derived_id, submission_id


def test_the_same_record_is_the_same_submission_and_case():
    one = submission_id("12345", "EZ1")
    assert one == submission_id("12345", "EZ1") != submission_id("12333", "EZ1")
    assert case_id(one) == case_id(one) != one
    assert derived_id(one, "opened") != derived_id(one, "opened", 1) != derived_id(one, "joined", 1)


def test_numbers_are_dated_in_shanghai_and_detect_one_wrong_letter():
    late = datetime(2025, 8, 27, 17, tzinfo=UTC)
    number = case_number(UUID(int=2**127 + 12345678901234567890), late)
    assert number.startswith("20250828-")
    assert len(number) == 15
    assert not set(number[9:]) & set("IO01")
