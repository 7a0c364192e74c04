"""What a page takes of a request's body: no more than a form needs, and not for ever."""

import asyncio
from collections.abc import Iterator

import pytest

from services.desk import bounded
from services.desk.bounded import PAGE_BODY_BYTES_MAX, REPAIR_BODY_BYTES_MAX, bytes_max
from tests.support.databases import Database
from tests.support.house import House, opened

PART = b"x" * 16_384
PARTS_SENT_MAX = 200
FORM = b"application/x-www-form-urlencoded"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with opened(database) as made:
        yield made


def posted(house: House, path: str, *, slow: bool = False) -> tuple[int, dict[bytes, bytes], int]:
    """Status, headers, and how many bytes were taken of a sender who says no length and does not end."""
    taken, said = 0, []

    async def receive():
        nonlocal taken
        if slow and taken:
            await asyncio.Event().wait()
        taken += len(PART)
        more = taken < PARTS_SENT_MAX * len(PART)
        return {"type": "http.request", "body": PART, "more_body": more}

    async def send(message):
        said.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("desk", 80),
        "headers": [(b"content-type", FORM), (b"transfer-encoding", b"chunked")],
    }  # fmt: skip
    asyncio.run(house.client.app(scope, receive, send))
    return said[0]["status"], dict(said[0]["headers"]), taken


@pytest.mark.parametrize("path", ["/login", "/logout", "/cases/x/actions/sign", "/nowhere"])
def test_a_body_past_the_bound_is_not_read_on(house, path):
    status, headers, taken = posted(house, path)
    assert taken <= PAGE_BODY_BYTES_MAX + len(PART)
    assert status == 413
    assert b"content-security-policy" in headers


def test_only_a_repair_may_be_longer(house):
    path = "/quarantine/inbound-12345-3-17/repair"
    assert bytes_max(path) == REPAIR_BODY_BYTES_MAX > PAGE_BODY_BYTES_MAX
    assert bytes_max(path + "/x") == bytes_max("/quarantine/repair") == PAGE_BODY_BYTES_MAX
    status, _, taken = posted(house, path)
    assert (status, taken <= REPAIR_BODY_BYTES_MAX + len(PART)) == (413, True)


def test_a_length_that_is_said_is_refused_before_anything_is_read(house):
    answer = house.client.post("/login", data={"account": "x" * PAGE_BODY_BYTES_MAX})
    assert answer.status_code == 413
    assert "提交的内容太长" in answer.text
    assert "<h1>" in answer.text


def test_a_form_within_the_bound_arrives_whole(house):
    account = house.enter("centre_duty")
    assert house.client.post("/login", data={"account": account}).status_code == 303
    assert house.client.post("/login", data={"account": "x" * 60_000}).status_code == 422


def test_a_body_that_does_not_come_is_given_up(house, monkeypatch):
    monkeypatch.setattr(bounded, "BODY_S_MAX", 0.05)
    assert posted(house, "/login", slow=True)[0] == 408
