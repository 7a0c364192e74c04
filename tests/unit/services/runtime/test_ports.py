"""Ports of what is started on this machine: two that were asked for before either is taken are two."""

import socket

import pytest

from services.runtime import broker
from services.runtime.broker import BROKER_PORTS, PORTS, BrokerError, LocalBroker, free_port


def test_no_port_is_given_twice_and_none_that_somebody_listens_on(monkeypatch):
    monkeypatch.setattr(broker, "_given", set())
    first = free_port()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(BrokerError, match="no port is free"):
            free_port([first, taken])
        monkeypatch.setattr(broker, "_given", set())
        assert free_port([first, taken]) == first


def test_no_service_is_given_the_port_of_a_broker_that_is_down(tmp_path):
    """Seen once: the broker that was to come back found its port taken."""
    assert set(PORTS).isdisjoint(BROKER_PORTS)
    one = LocalBroker(tmp_path, free_port(BROKER_PORTS))
    one.folder.mkdir()
    assert one._controller() in BROKER_PORTS
    assert one._controller() == one._controller()
