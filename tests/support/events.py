"""One full example of every event type, for golden bytes and as building blocks of tests."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from schemas import actions as a
from schemas import audit as x
from schemas import cases as c
from schemas import employers as g
from schemas import escalations as e
from schemas import policies as p
from schemas import submissions as s
from schemas.event import Data, Event
from schemas.matter import Employer, Hint, Identity, Matter, Place, Sealed, Span, Submission
from services.kernel.ids import case_id, case_number, derived_id, submission_id

AT = datetime(2025, 8, 28, 1, 5, tzinfo=UTC)
DUE = AT + timedelta(hours=4)
SUBMISSION = submission_id("window", "WQ2025-0828-21")
CASE = case_id(SUBMISSION)
COMMAND = derived_id(CASE, "example")
PERSON = "0123456789abcdef0123456789abcdef"
CASE_OF = {"district": "420704", "case_id": CASE}


def matter(**changes: object) -> Matter:
    full = {
        "category": "wages",
        "sector": "non_construction",
        "employer": Employer(
            name="鄂州市鄂城区某餐饮店",
            normalised="某餐饮店",
            span=Span(field="respondent", end=10),
        ),
        "places": (
            Place(
                kind="village",
                name="北门社区",
                code="420704002002",
                unit_code="420704002",
                role="employer_address",
                span=Span(field="respondent_address", start=7, end=11, text="北门社区"),
            ),
        ),
        "people": 1,
        "amount_fen": 800_000,
        "period_from": "2025-06",
        "period_to": "2025-08",
        "hints": (
            Hint(verdict="needs_more_info", rule="unsigned", span=Span(field="signed", end=1)),
        ),
    }
    return Matter(**(full | changes))


def submission(**changes: object) -> Submission:
    full = {
        "submission_id": SUBMISSION,
        "channel": "window",
        "external_no": "WQ2025-0828-21",
        "content_hash": "ab" * 32,
        "person": PERSON,
        "occurred_at": AT,
        "received_at": AT,
        "claimant": Sealed(name="v1.AAAA", phone="v1.BBBB"),
        "matter": matter(),
    }
    return Submission(**(full | changes))


ACTOR = a.Actor(post="grid_officer", account="g-420704002-G05-a")
OWNER = e.Owner(rung="R1", post="grid_officer", grid="420704002-G05", unit_code="420704002")
CLOCK = CASE_OF | {"clock": "S03"}
LIKENESS = c.Likeness(score=0.93, reason_zh="同一电话，同一单位")
TARGET = c.Target(
    grid="420704002-G05",
    unit_code="420704002",
    unit="古楼街道",
    village_code="420704002002",
    village="北门社区",
    post="grid_officer",
    confidence=0.9,
)
_MORE: dict[type[Data], dict[str, object]] = {
    a.Return: {"reason": "wrong_grid"},
    a.File: {"inspectors": 2},
    a.Serve: {"document_kind": "correction", "document": "一号", "due_on": "2025-09-04"},
    a.Decide: {"outcome": "责令改正已履行"},
    a.Pay: {"amount_fen": 800_000, "workers": 1},
    a.AskMaterial: {"items": "考勤记录"},
    a.AskExtension: {"clock": "S10", "days": 30, "reason": "案情复杂"},
    a.RuleExtension: {"clock": "S10", "approved": True},
    a.Suspend: {"ground": "suspended", "basis": "等待鉴定"},
    a.Arbitrate: {"kind": "arbitration", "number": "鄂劳仲2025-1"},
    a.Resume: {"ground": "suspended"},
    a.SuspectCrime: {"act": "flight", "amount_fen": 1_200_000, "workers": 1, "months": 3},
    a.DecideReferral: {"approved": True},
    a.Refer: {"document": "移送书一号"},
    a.PoliceReply: {"filed": True},
    a.Withdraw: {"reason": "已私下和解"},
    a.NoteStep: {
        "step": "procuratorate_advice",
        "variant": "urgent",
        "due_on": "2025-09-04",
        "document": "鄂城检建一号",
    },
    a.Close: {"conclusion": "支付完毕"},
    a.Revisit: {"satisfied": True},
    a.Split: {"submission_id": SUBMISSION},
    a.Join: {"into": COMMAND},
    a.Replied: {"channel": "window", "external_no": "WQ2025-0828-21", "conclusion": "支付完毕"},
}


def examples() -> list[Data]:
    commands = [one(**CASE_OF, actor=ACTOR, **_MORE.get(one, {})) for one in a.ACTIONS]
    return [
        *_submissions(),
        *_cases(),
        *commands,
        a.DeadlineDue(**CASE_OF, due_at=DUE),
        *_facts(),
        *_groups(),
        *_audit(),
        p.PolicyPublished(
            district="420704",
            hash="7727cae4dcf463189bd3a41e3c51384d",
            version="2027.1",
            effective_from=date(2027, 1, 1),
            note="示例",
            content="eNrLTczLTEstLtEryc/NYTAzZihLLSrOzM9TsFVQMjIwMtczVOJKTUtLTS7JLEuNTyvKzwXKgCR0DQyB"
            "iCsvvyQVpPb5kl1P9nUrcQEAA1UZyw==",
        ),
    ]


def _submissions() -> list[Data]:
    person = {"district": "420704", "person": PERSON, "case_id": CASE}
    return [
        s.SubmissionReceived(district="420704", submission=submission()),
        s.SubmissionAmended(district="420704", submission=submission(revision=1), case_id=CASE),
        s.MatterClosed(**person, closed_at=AT),
        s.MatterReopened(**person),
        s.MatterSplit(**person, submission=submission()),
        s.MatterNoted(
            **CASE_OF,
            block="0123456789abcdef0123456789abcdef",
            number=case_number(CASE, AT),
            submission=submission(identity=Identity(phone=PERSON, name="fe" * 16)),
        ),
    ]


def _cases() -> list[Data]:
    evidence = (c.Evidence(rule="village", text_zh="经营地址写明北门社区"),)
    return [
        c.CaseOpened(**CASE_OF, number=case_number(CASE, AT), submission=submission()),
        c.SubmissionJoined(**CASE_OF, submission=submission(), likeness=LIKENESS),
        c.MatterSuggested(
            **CASE_OF,
            other=COMMAND,
            other_number=case_number(COMMAND, AT),
            since=AT,
            likeness=c.Likeness(
                score=0.6,
                reason_zh="诉求人不明，单位名称相同（60 分，提示核对）",
                band="suggest",
                points=(
                    c.Point(
                        rule="person_unknown", points=0, text_zh="诉求人不明", at_most="suggest"
                    ),
                    c.Point(rule="employer_same", points=35, text_zh="单位名称相同：某餐饮店"),
                ),
            ),
        ),
        c.SubmissionSplit(**CASE_OF, submission_id=SUBMISSION, into=COMMAND),
        c.CaseRouted(**CASE_OF, attempt=1, target=TARGET, rule_kind="village", evidence=evidence),
        c.CaseDeclined(
            **CASE_OF, verdict="not_labour", exit="exit_consumer", channel_zh="12315", advice_zh="…"
        ),
    ]


def _facts() -> list[Data]:
    deed = {"command_id": COMMAND, "verb": "sign", "actor": ACTOR, "acted_at": AT}
    return [
        e.AssignmentMade(**CASE_OF, attempt=1, owner=OWNER),
        e.AssignmentReturned(**CASE_OF, reason="wrong_grid", returns=1, from_grid="420704002-G05"),
        e.ActionTaken(**CASE_OF, **deed, detail={"party": "claimant"}),
        e.ActionRefused(**CASE_OF, **deed, reason="closed", reason_zh="案件已办结"),
        e.ClockStarted(
            **CLOCK,
            started_at=AT,
            due_at=DUE,
            warn_at=(AT + timedelta(hours=2),),
            hard=False,
            basis="own",
            calendar="cn-2025",
            provisional=False,
        ),
        e.ClockStopped(**CLOCK, stopped_at=AT, due_at=DUE, kept=True, why="sign"),
        e.ClockPaused(
            **CLOCK, paused_at=AT, until=DUE, due_at=DUE, ground="material", basis="若干规定 §18"
        ),
        e.ClockResumed(**CLOCK, resumed_at=AT, ground="material", due_at=DUE, why="person"),
        e.ClockExtended(
            **CLOCK,
            extended_at=AT,
            days=30,
            unit="wd",
            old_due_at=AT,
            due_at=DUE,
            approved_by=ACTOR,
        ),
        e.ClockRecomputed(
            **CLOCK,
            old_due_at=AT,
            due_at=DUE,
            provisional=False,
            calendar="2015-2027/all/1",
            reason_zh="2027-02-14 调休上班",
        ),
        e.DeadlineWarned(**CLOCK, due_at=DUE, warn_at=AT, owner=OWNER),
        e.DeadlineBreached(**CLOCK, due_at=DUE, hard=False, owner=OWNER),
        e.CaseEscalated(**CLOCK, level=1, to=OWNER, outcome="delivered", due_at=DUE),
        e.ReplyOwed(
            **CASE_OF,
            submission_id=SUBMISSION,
            channel="window",
            external_no="WQ2025-0828-21",
            conclusion="支付完毕",
            remark_zh="已支付",
            paid_fen=800_000,
            paid_people=1,
            handled_at=AT,
        ),
        e.ReplyConfirmed(**CASE_OF, channel="window", external_no="WQ2025-0828-21"),
        e.CaseClosed(**CASE_OF, conclusion="支付完毕", closed_at=AT, persons=(PERSON,)),
        e.CaseReopened(**CASE_OF, reopened_at=AT, persons=(PERSON,)),
        e.SubmissionDetached(**CASE_OF, submission=submission(), why="command"),
    ]


def _groups() -> list[Data]:
    of = CASE_OF | {"employer": derived_id(CASE, "employer")}
    number = case_number(CASE, AT)
    return [
        g.EmployerCaseNoted(
            **of,
            number=number,
            name="某餐饮店",
            person=PERSON,
            people=3,
            amount_fen=800_000,
            opened_at=AT,
            conclusion="支付完毕",
        ),
        g.EmployerCaseLeft(**of),
        g.GroupClaimRaised(
            **of,
            name="某餐饮店",
            rule="people_10",
            effect="urgent",
            since=AT,
            people=12,
            amount_fen=9_600_000,
            open_cases=2,
            recent_cases=3,
            numbers=(number,),
            basis="own",
            text_zh="“某餐饮店”群体性欠薪",
        ),
    ]


def _audit() -> list[Data]:
    who = {"district": "420704", "account": "centre-head", "post": "centre_head"}
    key = x.ErasedKey(
        submission_id=SUBMISSION,
        key_id="0123456789abcdef",
        channel="window",
        external_no="WQ2025-0828-21",
        erased_at=AT,
    )
    return [
        x.PersonalDataRevealed(
            **who,
            reason_zh="回访诉求人",
            what="case",
            case_id=CASE,
            submissions=(SUBMISSION,),
            fields=("name", "phone"),
        ),
        x.QuarantineRedriven(
            **who, reason_zh="更正受理时间", position="inbound-12345-3-17", repaired=True
        ),
        x.PersonErased(
            **who, reason_zh="本人书面申请", keys=(key,), originals_until=DUE, certificate="ab" * 32
        ),
        x.VaultKeyRotated(
            district="420704",
            account="ops",
            reason_zh="年度换钥",
            old=("0123456789abcdef",),
            new="fedcba9876543210",
            rewrapped=26,
        ),
    ]


def event_of(data: Data, cause: UUID = COMMAND) -> Event:
    return Event(derived_id(cause, data.TYPE), "urn:anxin:example", AT, str(CASE), data)
