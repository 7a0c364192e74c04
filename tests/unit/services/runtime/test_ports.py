"""Ports of what is started on this machine: two that were asked for before either is taken are two."""

import socket

import pytest

from services.runtime import broker
from services.runtime.broker import BrokerError, free_port


def test_no_port_is_given_twice_and_none_that_somebody_listens_on(monkeypatch):
    monkeypatch.setattr(broker, "_given", set())
    first = free_port()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setattr(broker, "PORTS", [first, taken])
        with pytest.raises(BrokerError, match="no port is free"):
            free_port()
        monkeypatch.setattr(broker, "_given", set())
        assert free_port() == first
