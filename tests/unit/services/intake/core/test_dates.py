from datetime import UTC, datetime

import pytest

from services.intake.core.dates import moment, month, shift

AT = datetime(2026, 11, 3, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026/11/3 9:05", "2026-11-03 09:05:00", "2026年11月3日 9:05", "2026-11-03T09:05:00+08:00",
        "2026-11-03T01:05:00Z", 1793667900000, "1793667900000", "20261103090500", "2026年11月3日上午9点05分",
    ],
)  # fmt: skip
def test_one_instant_in_many_forms(text: object) -> None:
    assert moment(text) == AT


def test_excel_serial_day_is_shanghai() -> None:
    assert moment(45897.5) == datetime(2025, 8, 28, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "bad", ["昨天下午", "2025-13-01", "2025-02-30", "0001-01-01", "", True, "12"]
)
def test_what_is_no_date(bad: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        moment(bad)


def test_months() -> None:
    assert [month(text) for text in ("2025-06", "2025年6月", "202506", "2025/6/3")] == [
        "2025-06"
    ] * 4
    assert shift("2025-01", -1) == "2024-12"
