"""docs/http.md, tried literally on a real server: its shell, its Python, and what it says of statuses and limits."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from services.desk.bounded import BODY_S_MAX
from services.desk.core import body
from services.desk.core.problem import KINDS
from services.desk.settings import EXAMPLE_KEY
from services.kernel.ids import submission_id
from services.runtime import web
from services.runtime.clock import RealClock
from services.runtime.settings import Settings
from tests.support.door import Desk
from tests.support.kafka import until

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture
def desk(tmp_path) -> Iterator[tuple[Desk, str]]:
    """Served by the product's own server, on a free port."""
    made = Desk(tmp_path, keys={"12345": (EXAMPLE_KEY,)}, wall=RealClock().now)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = uvicorn.Server(web.config(made.app, Settings(home=tmp_path)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        until(lambda: server.started, "the server to start", 20)
        yield made, f"http://127.0.0.1:{taken.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


def tried(words: list[str], url: str) -> str:
    env = os.environ | {"DESK": url, "KEY_HEX": EXAMPLE_KEY.hex()}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="no curl")
def test_the_shell_of_the_page_sends_a_record(desk):
    made, url = desk
    said = tried(["bash", "-euc", block("sh")], url)
    assert str(submission_id("12345", "EZ20250828000451")) in said
    assert len(made.broker.sent) == 1


def test_the_python_of_the_page_sends_a_batch(desk):
    made, url = desk
    said = tried([sys.executable, "-c", block("python")], url)
    assert str(submission_id("12345", "EZ20250828000452")) in said
    assert len(made.broker.sent) == 2


def test_the_page_names_every_answer_and_the_limits_that_hold():
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", PAGE, re.MULTILINE)
    told = {code: int(status) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}
    assert told == {code: kind.status for code, kind in KINDS.items()}
    for number in (f"{body.BODY_BYTES_MAX:,}".replace(",", " "), body.BATCH_RECORDS_MAX):
        assert str(number) in PAGE
    assert f"{body.DEPTH_MAX} levels" in PAGE
    assert f"within {BODY_S_MAX:.0f} s" in PAGE
    assert str(body.BODY_BYTES_MAX) in KINDS["too_large"].do_en
    assert str(body.BATCH_RECORDS_MAX) in KINDS["too_large"].do_zh
    assert EXAMPLE_KEY.hex() in PAGE
    assert f"{web.CONNECTIONS_MAX} connections" in PAGE


def test_a_caller_who_never_finishes_the_head_is_let_go(desk, monkeypatch):
    _, url = desk
    monkeypatch.setattr(web, "HEAD_S_MAX", 0.2)
    host, port = url.removeprefix("http://").split(":")
    for begun in (b"", b"POST /v1/submissions/12345 HTTP/1.1\r\nHost: x\r\n"):
        with socket.create_connection((host, int(port)), timeout=20) as caller:
            caller.sendall(begun)
            assert caller.recv(1) == b""
    with socket.create_connection((host, int(port)), timeout=20) as caller:
        caller.sendall(b"GET /v1/x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert caller.recv(12) == b"HTTP/1.1 404"
        caller.sendall(b"GET /v1/x HT")
        rest = b"begun"
        while rest:
            rest = caller.recv(4096)
