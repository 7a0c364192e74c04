"""Dated test vectors against the calendar: who disagrees, and how."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from services.kernel.calendar import (
    Calendar,
    CalendarError,
    Piece,
    add_calendar_days,
    add_days,
    add_minutes,
    add_months,
    calendar_of,
    local_day,
    minutes_between,
)

Vector = Mapping[str, Any]
CnCalendar = Callable[..., Calendar]
"""`cn(timezone=…, windows=…)`: the State Council calendar, everything known."""
Value = datetime | date | float
_DAYS: dict[str, Callable[[Calendar, date, int], date]] = {
    "add_days": add_days,
    "add_calendar_days": add_calendar_days,
    "add_months": add_months,
}


def check_vectors(vectors: Sequence[object], cn: CnCalendar) -> dict[str, Any]:
    """`{"total", "passed", "failed", "misses": [{"id", "field", "expected", "got"}]}`."""
    misses = [miss for n, vector in enumerate(vectors) if (miss := _miss(n, vector, cn))]
    total = len(vectors)
    return {
        "total": total,
        "passed": total - len(misses),
        "failed": len(misses),
        "misses": misses,
    }


def answer_of(vector: Vector, cn: CnCalendar) -> Value:
    """What our calendar says; CalendarError, KeyError, TypeError, ValueError where the vector says nothing."""
    calendar, op = _calendar(vector["calendar"], cn), vector["op"]
    if op in _DAYS:
        return _DAYS[op](calendar, _day(calendar, vector["start"]), _whole(vector["amount"]))
    start, pauses = _instant(vector["start"]), _pauses(vector)
    if op == "between":
        return minutes_between(calendar, start, _instant(vector["end"]), pauses)
    if op not in ("add", "subtract"):
        raise CalendarError(f"unknown op {op!r}")
    amount = _number(vector["amount_minutes"])
    return add_minutes(calendar, start, amount if op == "add" else -amount, pauses)


def _miss(place: int, vector: object, cn: CnCalendar) -> dict[str, Any] | None:
    if not isinstance(vector, Mapping):
        return _malformed(f"#{place}", None, "not an object")
    name, expected = vector.get("id", f"#{place}"), vector.get("expect")
    try:
        got = answer_of(vector, cn)
        agrees = got == _expected(got, vector["expect"])
    except KeyError as error:
        return _malformed(name, expected, f"malformed: no {error}")
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        return _malformed(name, expected, f"malformed: {error}")
    return None if agrees else _row(name, "expect", expected, _shown(got))


def _malformed(name: object, expected: object, reason: str) -> dict[str, Any]:
    return _row(name, "vector", expected, reason)


def _row(name: object, field: str, expected: object, got: object) -> dict[str, Any]:
    return {"id": name, "field": field, "expected": expected, "got": got}


def _calendar(spec: Mapping[str, Any], cn: CnCalendar) -> Calendar:
    hours = {"timezone": spec["timezone"], "windows": spec["windows"]}
    named = spec.get("calendar")
    if named == "cn":
        return cn(**hours)
    if named is not None:
        raise CalendarError(f"unknown calendar {named!r}")
    return calendar_of(_years(spec), **hours)


def _years(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A vector's own days, in the shape of the calendar files; it claims nothing published."""
    days = {"days_off": spec.get("holidays") or (), "makeup": spec.get("makeup_days") or ()}
    first = {"year": 0, "status": "own"}
    return [first | {key: dict.fromkeys(value, "") for key, value in days.items()}]


def _expected(got: Value, text: object) -> Value:
    if isinstance(got, datetime):
        return _instant(text)
    return date.fromisoformat(str(text)) if isinstance(got, date) else _number(text)


def _shown(got: Value) -> str | float:
    if isinstance(got, datetime):
        return got.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(got, date):
        return got.isoformat()
    return int(got) if got == int(got) else got


def _pauses(vector: Vector) -> list[Piece]:
    return [(_instant(low), _instant(high)) for low, high in vector.get("pauses") or ()]


def _day(calendar: Calendar, text: object) -> date:
    """A day as written, or the local day of an instant."""
    whole = str(text)
    return local_day(calendar, _instant(whole)) if "T" in whole else date.fromisoformat(whole)


def _instant(text: object) -> datetime:
    instant = datetime.fromisoformat(str(text))
    if instant.tzinfo is None:
        raise CalendarError(f"an instant without its zone: {text!r}")
    return instant.astimezone(UTC)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise CalendarError(f"not a whole number: {value!r}")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CalendarError(f"not a number: {value!r}")
    return value
