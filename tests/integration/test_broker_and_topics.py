"""A real Kafka and its topics, made once and checked."""

import signal

import pytest
from kafka.admin import KafkaAdminClient

from schemas.topics import CHANGELOGS, TOPICS
from services.runtime import topics

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("kafka")]


def test_a_second_start_changes_nothing_and_data_survives_a_kill(kafka, prefix):
    pid = kafka.pid()
    assert kafka.start() == pid
    kafka.stop(signal.SIGKILL)
    assert not kafka.answers()
    assert kafka.start() != pid
    assert topics.check(kafka.bootstrap, prefix) == []


def test_ensure_makes_all_and_check_finds_what_is_wrong(kafka, prefix):
    assert topics.ensure(kafka.bootstrap, prefix) == []
    assert len(topics.check(kafka.bootstrap, "none-")) == len(TOPICS) + len(CHANGELOGS)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.delete_topics([prefix + "cases"])
    admin.close()
    assert topics.check(kafka.bootstrap, prefix) == [f"{prefix}cases: missing"]
    assert any("CreateTime" in line for line in topics.check(kafka.bootstrap, prefix, stepped=True))
