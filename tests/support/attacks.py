"""What attacks the desk: every way into it, read off the application; a case of another grid; texts that strike."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import ValidationError

from schemas import audit as x
from schemas import cases as c
from schemas import escalations as e
from schemas.actions import Action
from schemas.event import Data, Out, Record
from services.desk.core.fold import case_of
from services.desk.place import COOKIE
from services.kernel.ids import case_number
from services.runtime.publish import message_of
from tests.support.events import AT, CASE, OWNER, event_of, examples
from tests.support.house import House, assigned, office

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO")
FOREIGN = (str(CASE), case_number(CASE, AT), "WQ2025-0828-21")
"""What names the case of `foreign`: nothing of it is to be read where it is another's."""
POSITION = "inbound-12345-3-17"
STRIKES = (
    "<script>alert(7)</script>",
    '"><img src=x onerror=alert(7)>',
    "'><svg/onload=alert(7)>",
    "</textarea></title></pre><b id=z>",
    "{{7*7}}{% raise %}${7*7}",
    '=HYPERLINK("http://x.example","y")',
    "javascript:alert(7)//",
    "\x1b[2J\x07\x7f\u202e\u2066\u200f",
    "a\r\nSet-Cookie: x=1",
)
OPEN = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/{provider}"),
    ("GET", "/login/{provider}/callback"),
}
"""To who has not logged in."""
REASON = {"reason": "核实诉求情况"}
FORMS = {
    "/logout": ("centre_duty", {}),
    "/cases/{identity}/actions/{verb}": ("grid_officer", {"command_id": str(UUID(int=5))}),
    "/cases/{identity}/reveal": ("grid_officer", REASON),
    "/quarantine/{position}/original": ("platform_admin", REASON),
    "/quarantine/{position}/download": ("platform_admin", REASON),
    "/quarantine/{position}/redrive": ("platform_admin", REASON),
    "/quarantine/{position}/repair": ("platform_admin", REASON | {"headers": "x=1"}),
}
"""Of each form: whose it is, and one that is taken."""
_LEADS = ("href", "src", "action", "formaction", "hx-get", "sse-connect")
_FIRST = (c.SubmissionSplit, e.AssignmentReturned, e.ClockStopped, e.CaseClosed, e.CaseReopened)
"""Told before the rest, so that the case stands open, held, with a clock and a source."""


@dataclass(frozen=True)
class Way:
    """A method and an address of the application. `asks`: names of its query."""

    method: str
    path: str
    asks: tuple[str, ...] = ()

    def to(self, case: UUID = CASE, verb: str = "sign") -> str:
        """Raises KeyError for a parameter that nobody has said here what to try with."""
        return self.path.format_map(
            {
                "identity": case, "command": UUID(int=5), "verb": verb, "grid": OWNER.grid, "position": POSITION,
                "channel": "12345", "provider": "office", "submission_id": UUID(int=5),
                "service_request_id": FOREIGN[1],
            }
        )  # fmt: skip


def ways(app: FastAPI) -> list[Way]:
    """All there are, but for the files of /static."""
    found = []
    for one in iter_route_contexts(app.routes):
        route = one.original_route
        if one.path == "/static":
            continue
        assert isinstance(route, APIRoute), f"{one.path}: what is behind it is not known"
        asks = tuple(field.alias for field in route.dependant.query_params)
        found += [Way(method, str(one.path), asks) for method in sorted(one.methods or ())]
    return found


def foreign(strike: str = "") -> list[Record]:
    """A case of OWNER's grid to which all happened that can; with `strike` in every text of every event."""
    told = [one for one in examples() if case_of(one) == CASE and not isinstance(one, Action)]
    told.sort(key=lambda one: not isinstance(one, _FIRST))
    made: list[Record] = []
    for number, data in enumerate(told):
        topic = "audit" if isinstance(data, x.AuditFact) else "cases"
        message = message_of(
            Out(topic, str(CASE), event_of(struck(data, strike) if strike else data))
        )
        made.append(Record(topic, 98, number, AT, message.key, message.value, message.headers))
    return made


def struck(data: Data, strike: str) -> Data:
    """The strike wherever the contract lets a text be written; codes, ids and instants stay."""
    raw = json.loads(data.model_dump_json())
    for holder, name in list(_texts(raw)):
        kept, holder[name] = holder[name], strike
        try:
            type(data).model_validate_json(json.dumps(raw))
        except ValidationError:
            holder[name] = kept
    return type(data).model_validate_json(json.dumps(raw))


def _texts(raw: Any) -> Iterator[tuple[Any, Any]]:
    items: Iterable[tuple[Any, Any]] = raw.items() if isinstance(raw, dict) else enumerate(raw)
    for name, value in items:
        if isinstance(value, str):
            yield raw, name
        elif isinstance(value, dict | list):
            yield from _texts(value)


class Reader(HTMLParser):
    """What a browser would take from a page. `faults`: what runs, styles or leads away; `text`: what is read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults, self.text = list[str](), ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("style", "iframe", "img", "object", "embed", "base", "foreignobject"):
            self.faults.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append("<script> without a file of ours")
        for name, value in given.items():
            if name.startswith(("on", "hx-on", "style", "srcdoc")):
                self.faults.append(f"<{tag} {name}>")
            if name in _LEADS and not re.match(r"/(?!/)|[?#]|tel:", value):
                self.faults.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.lasttag == "script" and data.strip():
            self.faults.append("a script in the page")


def watched(answer: httpx.Response) -> None:
    """Of every answer whatever it says. Raises AssertionError."""
    answer.read()
    said, path = answer.headers, answer.request.url.path
    policy = said["content-security-policy"]
    for words in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'",
                  "base-uri 'none'", "frame-ancestors 'none'"):  # fmt: skip
        assert words in policy
    assert not re.search(r"unsafe|\*|data:|https?:", policy)
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] in ("same-origin", "no-referrer")
    assert "server" not in said
    kept = path.startswith("/static/") or path == "/live"
    assert kept or said["cache-control"] == "no-store", path
    assert re.match(r"/(?![/\\])|$", said.get("location", "")), "leads away"
    kind = said.get("content-type", "").partition(";")[0]
    if kind == "text/html":
        assert Reader(answer.text).faults == []
    elif answer.status_code == 200 and not kept and not kind.endswith("json"):
        assert said["content-disposition"].startswith("attachment; "), path


def guarded(house: House, method: str = "") -> list[Way]:
    found = [
        way for way in ways(house.client.app)
        if (way.method, way.path) not in OPEN and method in ("", way.method)
    ]  # fmt: skip
    assert len(found) > 5
    return found


def bound(house: House) -> list[str]:
    """Posts that see one grid or one unit, none of them the foreign case's; each has a case of its own."""
    mine = assigned(house).owner
    assert mine.unit_code != OWNER.unit_code
    found = {one.post: one for one in office().people.values() if one.unit_code == mine.unit_code
             and one.grid in ("", mine.grid)}  # fmt: skip
    assert found.keys() == {"grid_officer", "town_squad_leader", "town_deputy_head"}
    return [one.account for one in found.values()]


def enter(house: House, account: str) -> str:
    house.client.cookies.clear()
    token = house.client.app.state.desk.sessions.open(account, house.now)
    house.client.cookies.set(COOKIE, token)
    return house.form("/me")["csrf"]


def sent(house: House) -> int:
    return len(house.sent) + len(house.graves.sent)
