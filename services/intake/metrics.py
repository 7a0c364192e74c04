"""What intake counts. Labels are closed lists, zeroed at start."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter

from schemas.cases import CaseOpened, SubmissionJoined, SubmissionSplit
from schemas.event import Out
from schemas.matter import CHANNELS
from schemas.submissions import SubmissionAmended, SubmissionReceived

OUTCOMES = ("received", "amended", "silent", "patrol_fact")
MATTERS = ("opened", "joined", "split", "amended")


class IntakeMetrics:
    """Counted after everything is confirmed, so a replay counts twice at worst, never too early."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.records = Counter(
            "anxin_intake_records_total",
            "Records of a channel by what became of them; silent = sent again unchanged",
            ["channel", "outcome"],
            registry=registry,
        )
        self.matters = Counter(
            "anxin_intake_matters_total",
            "Submissions by what recognise did: opened a case, joined one, split off, amended",
            ["outcome"],
            registry=registry,
        )
        for outcome in MATTERS:
            self.matters.labels(outcome)
        for channel in CHANNELS:
            for outcome in OUTCOMES:
                self.records.labels(channel, outcome)

    def received(self, channel: str, outs: Sequence[Out], changed: bool) -> None:
        self.records.labels(channel, outcome_of(outs, changed)).inc()

    def recognised(self, outs: Sequence[Out]) -> None:
        names = {
            CaseOpened: "opened",
            SubmissionJoined: "joined",
            SubmissionSplit: "split",
            SubmissionAmended: "amended",
        }
        for one in outs:
            self.matters.labels(names[type(one.event.data)]).inc()


def outcome_of(outs: Sequence[Out], changed: bool) -> str:
    for one in outs:
        if isinstance(one.event.data, SubmissionReceived):
            return "received"
        return "amended"
    return "patrol_fact" if changed else "silent"
