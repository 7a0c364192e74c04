"""主导期限: of the clocks that run, the one by which something has to be done first."""

from services.escalation.core.state import Case, Clock


def governing(case: Case) -> Clock | None:
    """The earliest legal clock of ours, else the earliest other; None where none runs. Ties: by id, then source.

    What stands still has no end yet. A lapsed clock governs on until somebody acts. Joining only adds reply clocks,
    so it never moves this later; a split takes away its own.
    """
    running = [clock for clock in case.clocks if not clock.standing]
    return min(running, key=lambda one: (not one.hard, one.due_at, one.key), default=None)
