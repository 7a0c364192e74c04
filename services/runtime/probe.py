"""/livez, /readyz and /metrics on loopback; nothing else, and never a row."""

import asyncio
import json
from typing import Any

from prometheus_client import generate_latest

from services.runtime.clock import elapsed_s

BEAT_S_MAX = 10.0
REQUEST_BYTES_MAX = 4096


async def serve(worker: Any) -> asyncio.Server:
    """Port 0 = any free one; the port taken is logged by nobody and known to the caller."""
    return await asyncio.start_server(
        lambda reader, writer: _answer(worker, reader, writer),
        worker.settings.probe_host,
        worker.settings.probe_port,
        limit=REQUEST_BYTES_MAX,
    )


async def _answer(worker: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(5):
            line = await reader.readline()
        path = ([*line.split(), b"", b""])[1].decode("ascii", "replace")
        status, kind, body = respond(worker, path)
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
    except (TimeoutError, ValueError, ConnectionError):
        pass  # a caller that does not speak HTTP
    finally:
        writer.close()


def respond(worker: Any, path: str) -> tuple[str, str, bytes]:
    if path == "/metrics":
        return "200 OK", "text/plain; version=0.0.4", generate_latest(worker.registry)
    if path not in ("/livez", "/readyz"):
        return "404 Not Found", "text/plain", b"/livez /readyz /metrics\n"
    problems = _dead(worker) if path == "/livez" else _dead(worker) + worker.unready()
    status = "503 Service Unavailable" if problems else "200 OK"
    return status, "application/json", json.dumps({"problems": problems}).encode() + b"\n"


def _dead(worker: Any) -> list[str]:
    silent = elapsed_s() - worker.beat_s
    return [f"the event loop has not beaten for {silent:.0f} s"] if silent > BEAT_S_MAX else []
