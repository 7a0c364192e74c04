"""Topics on the broker: made once, never altered, and checked."""

import time
from collections.abc import Iterable

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

from schemas.event import RECORD_BYTES_MAX
from schemas.topics import CHANGELOGS, TOPICS, Topic

MESSAGE_BYTES_MAX = RECORD_BYTES_MAX + 100_000  # quarantine keeps the original and adds headers
BROKER_DEFAULT = -1
"""Copies of a partition as the cluster's `default.replication.factor` says (KIP-464)."""
VISIBLE_S_MAX = 30.0
ALL: tuple[Topic, ...] = (*TOPICS, *CHANGELOGS)


def ensure(
    bootstrap: str, prefix: str = "", *, stepped: bool = False, replication: int = BROKER_DEFAULT
) -> list[str]:
    """Create what is missing; the names created. `stepped`: producers stamp virtual time (ADR 1)."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        have = set(admin.list_topics())
        wanted = [topic for topic in ALL if prefix + topic.name not in have]
        for topic in wanted:
            try:
                admin.create_topics([_new(topic, prefix, stepped=stepped, replication=replication)])
            except TopicAlreadyExistsError:
                continue  # another `ensure` was first
        made = [prefix + topic.name for topic in wanted]
        _await_visible(admin, set(made))
        return made
    finally:
        admin.close()


def _await_visible(admin: KafkaAdminClient, names: set[str]) -> None:
    """The controller has made them; the broker's own list follows a moment later."""
    deadline = time.monotonic() + VISIBLE_S_MAX
    while not names <= set(admin.list_topics()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"topics not visible after {VISIBLE_S_MAX:.0f} s")
        time.sleep(0.05)


def _new(topic: Topic, prefix: str, *, stepped: bool, replication: int) -> NewTopic:
    config = {
        "cleanup.policy": topic.cleanup,
        "message.timestamp.type": _stamp(stepped=stepped),
        "max.message.bytes": str(MESSAGE_BYTES_MAX),
    }
    if stepped:  # a virtual year lies far from the broker's own
        config["message.timestamp.before.max.ms"] = str(2**63 - 1)
        config["message.timestamp.after.max.ms"] = str(2**63 - 1)
        config["retention.ms"] = "-1"
    elif topic.cleanup == "delete":
        config["retention.ms"] = str(topic.retention_ms)
    return NewTopic(prefix + topic.name, topic.partitions, replication, topic_configs=config)


def _stamp(*, stepped: bool) -> str:
    return "CreateTime" if stepped else "LogAppendTime"


def check(bootstrap: str, prefix: str = "", *, stepped: bool = False) -> list[str]:
    """What is wrong, in words; empty = good."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        have = set(admin.list_topics())
        missing = [f"{prefix}{t.name}: missing" for t in ALL if prefix + t.name not in have]
        present = [topic for topic in ALL if prefix + topic.name in have]
        return missing + _wrong(admin, present, prefix, stepped=stepped)
    finally:
        admin.close()


def _wrong(
    admin: KafkaAdminClient, topics: Iterable[Topic], prefix: str, *, stepped: bool
) -> list[str]:
    by_name = {prefix + topic.name: topic for topic in topics}
    if not by_name:
        return []
    problems: list[str] = []
    for found in admin.describe_topics(list(by_name)):
        topic, count = by_name[found["name"]], len(found["partitions"])
        if count != topic.partitions:
            problems.append(f"{found['name']}: {count} partitions, not {topic.partitions}")
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in by_name]
    for name, config in _configs(admin, resources).items():
        wanted = {
            "cleanup.policy": by_name[name].cleanup,
            "message.timestamp.type": _stamp(stepped=stepped),
        }
        problems += [
            f"{name}: {key} is {config.get(key)}, not {value}"
            for key, value in wanted.items()
            if config.get(key) != value
        ]
    return problems


def _configs(admin: KafkaAdminClient, resources: list[ConfigResource]) -> dict[str, dict[str, str]]:
    said = admin.describe_configs(resources)["topic"]
    return {
        name: {key: entry["value"] for key, entry in config.items()}
        for name, config in said.items()
    }
