"""Structured logs: one JSON object a line on standard error, never with personal data."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

PERSONAL = frozenset({"name", "phone", "mobile", "id_number", "address", "text", "content", "raw"})


def refuse_personal(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A field with a personal name never reaches the log; its absence is visible."""
    for field in PERSONAL & entry.keys():
        entry[field] = "[sealed]"
    return entry


def configure(service: str, level: str = "info") -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            refuse_personal,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def quiet_kafka() -> None:
    """For the command line: what the client library mutters is said once, in our words, by NotNow."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
