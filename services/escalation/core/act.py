"""办理: a person's command becomes a fact or a refusal with a reason, never silence."""

from dataclasses import replace

from schemas import actions as a
from schemas.escalations import ActionRefused, ActionTaken
from services.escalation.core.guards import Against, text_of
from services.escalation.core.life import BY_VERB, against
from services.escalation.core.turn import Turn

COMMON = frozenset({"district", "case_id", "actor"})


def act(turn: Turn, command: a.Action) -> Turn:
    """ActionTaken and what follows, or ActionRefused."""
    found = against(turn, command)
    if found:
        return refuse(turn, command, found)
    if turn.cause.time > turn.now:  # by a phone whose clock is ahead: it was done when it came
        turn = replace(turn, cause=replace(turn.cause, time=turn.now))
    turn = turn.say(
        ActionTaken,
        **_names(turn, command),
        detail=command.model_dump(mode="json", exclude=set(COMMON), exclude_defaults=True),
    )
    return BY_VERB[command.VERB].does(turn, command)


def refuse(turn: Turn, command: a.Action, found: Against) -> Turn:
    return turn.say(
        ActionRefused,
        **_names(turn, command),
        reason=found.reason,
        reason_zh=text_of(turn, command, found),
    )


def _names(turn: Turn, command: a.Action) -> dict[str, object]:
    return {
        "command_id": turn.cause.id,
        "verb": command.VERB,
        "actor": command.actor,
        "acted_at": turn.cause.time,
    }
