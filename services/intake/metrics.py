"""What intake counts. Labels are closed lists, zeroed at start."""

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.cases import CaseOpened, MatterSuggested, SubmissionJoined, SubmissionSplit
from schemas.event import Out
from schemas.matter import CHANNELS
from schemas.submissions import SubmissionAmended

MATTERS = ("opened", "joined", "suggested", "split", "amended")
AGE_BUCKETS_S = (1, 5, 30, 60, 300, 900, 3600, 14_400, 86_400, 604_800)
"""From an adapter that pushes to a weekly hand-in of a file."""


class IntakeMetrics:
    """Counted after everything is confirmed, so a replay counts twice at worst, never too early."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.age = Histogram(
            "anxin_event_age_seconds",
            "From the instant a record's channel gives it (ce_time) to its arrival in the log",
            ["channel"],
            buckets=AGE_BUCKETS_S,
            registry=registry,
        )
        self.last = Gauge(
            "anxin_channel_last_event_timestamp_seconds",
            "Log time of the newest good record of a channel since this worker started (0 = none)",
            ["channel"],
            registry=registry,
        )
        self.matters = Counter(
            "anxin_intake_matters_total",
            "Submissions by what recognise did: opened a case, joined one, suggested one to people, split off, amended",
            ["outcome"],
            registry=registry,
        )
        for outcome in MATTERS:
            self.matters.labels(outcome)
        for channel in CHANNELS:
            self.age.labels(channel)
            self.last.labels(channel)
        self.newest_s: dict[str, float] = dict.fromkeys(CHANNELS, 0.0)

    def received(self, channel: str, happened_at: datetime, arrived_at: datetime) -> None:
        """Partitions are read side by side: the newest counts, not the last read."""
        self.age.labels(channel).observe(max((arrived_at - happened_at).total_seconds(), 0.0))
        self.newest_s[channel] = max(self.newest_s[channel], arrived_at.timestamp())
        self.last.labels(channel).set(self.newest_s[channel])

    def recognised(self, outs: Sequence[Out]) -> None:
        names = {
            CaseOpened: "opened",
            SubmissionJoined: "joined",
            MatterSuggested: "suggested",
            SubmissionSplit: "split",
            SubmissionAmended: "amended",
        }
        for one in outs:
            if one.topic == "cases":
                self.matters.labels(names[type(one.event.data)]).inc()
