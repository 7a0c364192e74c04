"""案件页: one case with its reasons, the forms for it, and what became of a command."""

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from schemas.actions import Actor
from schemas.cases import MatterSuggested, SubmissionSplit
from schemas.escalations import ActionRefused
from schemas.event import Event, Out
from services.desk import messages, read
from services.desk.core.cards import deeds, title, where
from services.desk.core.case_page import (
    answers,
    clocks,
    ended,
    is_possible,
    lines,
    offered,
    other_case,
    owner_line,
    rungs,
)
from services.desk.core.clock_story import stories
from services.desk.core.fold import ClockView, View
from services.desk.core.forms import BadForm, Offered, command_of, fields_of
from services.desk.core.words import exact, left
from services.desk.place import At, Caller, Desk, Me, Seen, by_itself, page
from services.desk.reveal import REASONS_ZH, NoVault
from services.runtime.audit import NotAllowed
from services.runtime.publish import NotNow
from services.runtime.reveal import NAMES
from services.runtime.vault import KeyUnknown

router = APIRouter(include_in_schema=False)
SOURCE = "urn:anxin:desk"
WAITED_H_MAX = 72
"""Longest an act may lie on a phone: a weekend without a net. Its instant is then the phone's, not ours."""


@router.get("/cases/{identity}")
def one(
    desk: At, me: Me, view: Seen, request: Request, act: str = "", done: UUID | None = None
) -> HTMLResponse:
    if not by_itself(request):
        _read(desk, me, view)
    form = _form(desk, me, view, act) if act else None
    return _page(desk, me, view, form=form, verdict=_verdict(desk, view, done) if done else None)


def _read(desk: Desk, me: Caller, view: View) -> None:
    """Who opens a case has read what it told them."""
    heard = me.hears(desk.office)
    told = messages.of_case(desk.engine, heard, me.grids, desk.now(), view.case_id)
    fresh = told - desk.marks.of(me.person.account) if told else told
    if fresh:
        desk.marks.look(me.person.account, fresh, desk.wall())


@router.get("/cases/{identity}/verdict/{command}")
def verdict(desk: At, me: Me, view: Seen, command: UUID) -> HTMLResponse:
    return page(desk, me, "/cases", "verdict.html", verdict=_verdict(desk, view, command))


@router.post("/cases/{identity}/actions/{verb}")
async def act(desk: At, me: Me, view: Seen, verb: str, request: Request) -> Response:
    """303 to the case once the broker has the command; 422 with the field that is wrong; 503 to try again."""
    form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
    me.owns(form.get("csrf", ""))
    if not desk.office.wording.asks(verb) or not me.acts_as(desk.office, verb, view):
        raise HTTPException(403, "您的岗位无权办理这一步")
    return await run_in_threadpool(_do, desk, me, view, verb, form)


def _do(desk: Desk, me: Caller, view: View, verb: str, form: dict[str, str]) -> Response:
    actor = Actor(post=me.acts_as(desk.office, verb, view), account=me.person.account)
    try:
        identity = UUID(form.get("command_id", ""))
        data = command_of(desk.office.wording, verb, form, view.case_id, actor, view.district)
        done_at = desk.now() - waited(form.get("waited_s", "0"))
        event = Event(identity, SOURCE, done_at, str(view.case_id), data)
        desk.send(Out("actions", str(view.case_id), event))
    except BadForm as wrong:
        asked = _form(desk, me, view, verb, form, wrong.told)
        return _page(desk, me, view, form=asked, status=422)
    except OverflowError:
        raise HTTPException(
            422, f"这是 {WAITED_H_MAX} 小时以前办的，请重新填写并写明办理时间"
        ) from None
    except ValueError:
        raise HTTPException(422, "页面已过期，请刷新后重新提交") from None
    except NotNow:
        raise HTTPException(503, "消息系统暂时不通，请稍后再试；没有重复提交的风险") from None
    return RedirectResponse(f"/cases/{view.case_id}?done={identity}#verdict", 303)


def waited(seconds: str) -> timedelta:
    """How long an act lay on the phone before it could be sent. Raises ValueError, OverflowError past the limit."""
    found = timedelta(seconds=max(0, int(seconds)))
    if found > timedelta(hours=WAITED_H_MAX):
        raise OverflowError(seconds)
    return found


@router.post("/cases/{identity}/reveal")
def reveal(
    desk: At,
    me: Me,
    view: Seen,
    csrf: Annotated[str, Form()],
    reason: Annotated[str, Form(max_length=200)],
) -> HTMLResponse:
    """The page with the claimants' contacts on it, once the record of it stands on the log; kept nowhere."""
    me.owns(csrf)
    try:
        shown = desk.reveal(view, me.person.account, reason)
    except NotAllowed as why:
        return _page(desk, me, view, status=422, refused=str(why), reason=reason)
    except (NoVault, KeyUnknown):
        raise HTTPException(503, "本系统没有配置个人信息密钥，请到维权中心查看") from None
    except NotNow:
        raise HTTPException(503, "消息系统暂时不通，查阅记录没有写成，因此没有显示") from None
    return _page(desk, me, view, opened=shown)


def _hints(desk: Desk, me: Caller, view: View) -> list[MatterSuggested]:
    """疑似同一事项: the cases this one was shown with, of those the caller may see."""
    events = read.events(desk.engine, view.case_id) if view.suggested else []
    told = [one.data for one in events if isinstance(one.data, MatterSuggested)]
    return [one for one in told if read.case(desk.engine, me.grids, one.other)]


def _moved(desk: Desk, me: Caller, view: View) -> View | None:
    """Where the records of an emptied case are now, if the caller may see it: the deeds are there."""
    if view.sources:
        return None
    told = [one.data for one in read.events(desk.engine, view.case_id)]
    into = [one.into for one in told if isinstance(one, SubmissionSplit)]
    return read.case(desk.engine, me.grids, into[-1]) if into else None


def _form(
    desk: Desk,
    me: Caller,
    view: View,
    verb: str,
    said: dict[str, str] | None = None,
    wrong: str = "",
) -> SimpleNamespace:
    office = desk.office
    if not office.wording.asks(verb) or not me.acts_as(office, verb, view):
        raise HTTPException(404, "没有这一步，或您的岗位无权办理")
    said = said or {}
    fields = [
        SimpleNamespace(
            name=one.name, label=one.label, kind=one.kind, required=one.required,
            choices=one.choices, value=said.get(one.name, "" if said else one.value),
        )
        for one in fields_of(office.wording, verb, offered(office.names, view, _hints(desk, me, view)))
    ]  # fmt: skip
    identity = said.get("command_id") or desk.fresh_id()
    return SimpleNamespace(
        verb=verb, name=office.names.verbs[verb], fields=fields, command_id=identity, wrong=wrong
    )


def _verdict(desk: Desk, view: View, command: UUID) -> SimpleNamespace:
    """The fact or the refusal that came back; nothing of ours."""
    found = read.verdict(desk.engine, view.case_id, command)
    told = SimpleNamespace(case_id=view.case_id, command_id=command, waiting=False, tone="good")
    if found is None:
        told.words, told.tone, told.waiting = "已提交，正在等待结果……", "", True
    elif isinstance(found.data, ActionRefused):
        told.words, told.tone = f"没有办成：{found.data.reason_zh}", "bad"
    else:
        verb = desk.office.names.verbs.get(getattr(found.data, "verb", ""), "")
        told.words = f"已办：{verb}"
    return told


def _end(desk: Desk, one: ClockView | None) -> SimpleNamespace | None:
    """A clock's end in words."""
    if one is None:
        return None
    return SimpleNamespace(
        left=left(desk.now(), one.due_at),
        name=desk.office.names.stages.get(f"{one.clock}/{one.variant}", one.clock),
        provisional=one.provisional,
        basis=one.basis,
    )


def _groups(desk: Desk, me: Caller, view: View, choices: Offered) -> list[SimpleNamespace]:
    """What may be done, by group: what this one's posts may do, and what the case allows to be chosen."""
    office = desk.office
    listed = [
        SimpleNamespace(
            name=name,
            acts=[
                SimpleNamespace(verb=verb, name=office.names.verbs[verb])
                for verb in verbs
                if view.sources
                and me.acts_as(office, verb, view)
                and is_possible(verb, choices)
                and not (verb == "sign" and view.signed)
            ],
        )
        for name, verbs in office.wording.groups.items()
    ]
    groups = [group for group in listed if group.acts]
    if view.closed_at:  # what comes after closing first
        groups = sorted(groups, key=lambda group: group.name != office.wording.after)
    return groups


def _first(desk: Desk, view: View, groups: list[SimpleNamespace]) -> list[SimpleNamespace]:
    """The three buttons: of an open case what is likely to be done now, else in the order of the groups."""
    every = [one for group in groups for one in group.acts]
    likely = [] if view.closed_at else deeds(desk.office.wording, view)
    return sorted(every, key=lambda one: _place_in(likely, one.verb))[:3]


def _place_in(likely: Sequence[str], verb: str) -> int:
    return likely.index(verb) if verb in likely else len(likely)


def _page(desk: Desk, me: Caller, view: View, status: int = 200, **fields: Any) -> HTMLResponse:
    office, now = desk.office, desk.now()
    names, events = office.names, read.events(desk.engine, view.case_id)
    others = {other for one in events if (other := other_case(one))}
    every = dict.fromkeys(others, "") if me.grids is None else {}
    seen = every | read.numbers(desk.engine, me.grids, others)
    told = stories(office.history, office.instants, events)
    shown = {"form": None, "verdict": None, "opened": None, "refused": "", "reason": ""} | fields
    hints = _hints(desk, me, view)
    choices = offered(names, view, hints)
    groups = _groups(desk, me, view, choices)
    return page(
        desk,
        me,
        "/cases",
        "case.html",
        status,
        case=SimpleNamespace(
            case_id=view.case_id,
            number=view.number,
            title=title(names, view),
            where=where(names, view),
            urgent=view.urgent,
            state=names.states.get(view.state, view.state),
            closed=view.closed_at is not None,
            closed_at=exact(view.closed_at) if view.closed_at else "",
            conclusion=view.conclusion or "",
            attempt=view.attempt,
            owner=owner_line(names, view),
            policy=office.policy[:12],
            routed_why="；".join(o.text_zh for o in view.routed.evidence)
            if view.routed
            else "待派单",
        ),
        first=_end(desk, view.next_due),
        governing=_end(desk, view.governing),
        groups=groups,
        acts=_first(desk, view, groups),
        clocks=clocks(names, view, now, told),
        ended=ended(names, view, told),
        sources=answers(names, view),
        moved=_moved(desk, me, view),
        hints=[] if view.closed_at else hints,
        joins=is_possible("join", choices) and me.acts_as(office, "join", view),
        splits=is_possible("split", choices) and me.acts_as(office, "split", view),
        rungs=rungs(names, view, office.rungs),
        reveals=me.person.post in office.revealing and desk.reveal.able(),
        reasons=REASONS_ZH,
        labels=NAMES,
        timeline=lines(office.lines, events, seen),
        **shown,
    )
