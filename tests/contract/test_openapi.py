"""The OpenAPI document is what the door does: schemathesis asks it everything, unsigned and signed."""

import asyncio
import hashlib
import json
import secrets
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from services.desk.core.signature import sign, signing_text
from services.desk.openapi import FILE
from tests.support.door import KEYS, NOW, Desk, signed
from tests.support.door import post as post_to

EXAMPLES_MAX = 25
CHANNEL = "12345"
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))


class Signing:
    """Signs whatever is sent, as the channel's own program would."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        left = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Any:
            return next(left, None) or await receive()

        await self.app(scope | {"headers": _signed(scope, body)}, again, send)


def _signed(scope: Any, body: bytes) -> list[tuple[bytes, bytes]]:
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    at_s, nonce = int(NOW.timestamp()), secrets.token_urlsafe(24)
    text = signing_text(scope["method"], target, at_s, nonce, hashlib.sha256(body).hexdigest())
    ours = {
        b"x-channel": CHANNEL.encode(),
        b"x-timestamp": str(at_s).encode(),
        b"x-nonce": nonce.encode(),
        b"x-signature": sign(KEYS[CHANNEL][0], text).encode(),
    }
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in ours]
    return [*kept, *ours.items()]


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("door"), per_minute_max=1_000_000, open311=True)


OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]


def ask(app: Any, path: str, method: str, *without: Any) -> None:
    """That a record fits its schema does not make it complete: docs/adapters.md says what else is refused."""
    operation = schemathesis.openapi.from_asgi("/openapi.json", app)[path][method.upper()]

    @settings(
        max_examples=EXAMPLES_MAX,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance, *without])

    asked()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_who_does_not_sign_is_answered_as_the_document_says(door, path, method):
    ask(door.app, path, method)
    if path.startswith("/v1/"):
        assert door.broker.sent == []


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_a_channel_sends_is_answered_as_the_document_says(door, path, method):
    ask(Signing(door.app), path, method, ignored_auth)  # here whoever asks is signed for


def test_the_examples_of_the_document_are_taken(tmp_path):
    post = DOCUMENT["paths"]["/v1/submissions/{channel}"]["post"]
    for media, content in post["requestBody"]["content"].items():
        for one in content["examples"].values():
            body = json.dumps(one["value"]).encode()
            desk = Desk(tmp_path)
            answer = asyncio.run(post_to(desk, body, signed(body) | {"Content-Type": media}))
            assert answer.status_code == 202, answer.text
            assert answer.json()["submissions"][0]["external_no"] == "EZ20250828000451"
