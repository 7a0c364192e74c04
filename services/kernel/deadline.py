"""The explainable deadline: a row of policies/clocks.csv, a start, a calendar → due, warnings, and why."""

from services.kernel.deadline_due import Deadline, closing_day, deadline_of
from services.kernel.deadline_explain import explain
from services.kernel.deadline_recompute import Recomputed, Running, counted, recomputed, responsible
from services.kernel.deadline_rule import (
    ClockRule,
    DeadlineError,
    Ladder,
    Span,
    clock_rule,
    span_of,
)

__all__ = [
    "ClockRule",
    "Deadline",
    "DeadlineError",
    "Ladder",
    "Recomputed",
    "Running",
    "Span",
    "clock_rule",
    "closing_day",
    "counted",
    "deadline_of",
    "explain",
    "recomputed",
    "responsible",
    "span_of",
]
