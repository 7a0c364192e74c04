"""The explainable deadline: a row of policies/clocks.csv, a start, a calendar → due, warnings, and why."""

from services.kernel.deadline_due import Deadline, deadline_of
from services.kernel.deadline_explain import explain
from services.kernel.deadline_recompute import Recomputed, Running, counted, recomputed, responsible
from services.kernel.deadline_rule import ClockRule, DeadlineError, Ladder, Span, clock_rule

__all__ = [
    "ClockRule",
    "Deadline",
    "DeadlineError",
    "Ladder",
    "Recomputed",
    "Running",
    "Span",
    "clock_rule",
    "counted",
    "deadline_of",
    "explain",
    "recomputed",
    "responsible",
]
