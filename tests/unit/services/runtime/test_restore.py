"""Rows of a changelog: who hears nothing begins anew."""

import asyncio

import pytest

from services.runtime.restore import restore
from services.runtime.settings import Settings


def test_a_broker_that_takes_and_says_nothing_is_no_long_wait():
    """Its own client would ask for forty seconds, and again."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = Settings(kafka=f"127.0.0.1:{port}")
        async with server:
            with pytest.raises(TimeoutError):
                await restore(settings, "escalation", {"x-changelog": ("cases",)}, [0], 0.05)

    asyncio.run(run())
