"""Takes a letter, posts it, marks what came of it. Pulled out anywhere between, it is posted again under its id."""

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from services.notifier.core.letters import text
from services.notifier.core.robots import KINDS, Address, Answer, Letter, verdict
from services.notifier.metrics import NotifierMetrics
from services.notifier.outbox import Outbox, Taken

log = structlog.get_logger()
Poster = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]


class Sender:
    """Blocking; one thread."""

    def __init__(
        self,
        outbox: Outbox,
        robots: Mapping[str, Address],
        link: str,
        post: Poster,
        metrics: NotifierMetrics,
    ) -> None:
        self.outbox, self.robots, self.link = outbox, robots, link
        self.post, self.metrics = post, metrics

    def step(self, now: Callable[[], datetime]) -> bool:
        """Whether there was a letter to post."""
        taken = self.outbox.take(now())
        if taken is None:
            return False
        to = self.robots[taken.robot]
        kind = KINDS[to.kind]
        made = kind.post(to, self._letter(taken, kind.text_bytes_max, now()), now())
        said = verdict(kind, Answer(*self.post(made.url, made.body, made.headers)))
        state = self.outbox.mark(taken.id, said, now())
        self.metrics.posts.labels(to.kind, said.outcome).inc()
        self.metrics.given_up.inc(len(taken.items) if state == "dead" else 0)
        if said.outcome != "delivered":
            log.warning(
                "not_delivered",
                robot=to.robot,
                letter=taken.id,
                outcome=said.outcome,
                code=said.code,
                state=state,
            )
        return True

    def _letter(self, taken: Taken, bytes_max: int, now: datetime) -> Letter:
        accounts = tuple(dict.fromkeys(one.notice.account for one in taken.items))
        said = text(self.outbox.policy, taken.items, taken.id, self.link, now, bytes_max)
        return Letter(taken.id, accounts, said)
