"""Topics `actions` and `deadlines`: commands. `Event.time` is when the person did it, not when it arrived."""

from typing import Annotated, ClassVar, Literal, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.event import Data, Instant, Model
from schemas.matter import Channel

Note = Annotated[str, StringConstraints(max_length=2000)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
ClockId = Annotated[str, StringConstraints(pattern=r"^[SL]\d\d[a-z]?$")]
Conclusion = Literal[
    "支付完毕", "部分支付", "已立案", "已移送公安", "不属实", "重复", "不属管辖", "非欠薪",
    "引导仲裁或诉讼", "无法联系",
]  # fmt: skip
CONCLUSIONS: tuple[str, ...] = get_args(Conclusion)


class Actor(Model):
    """Who acts: a post of policies/ladder.csv and the account of the person (no name)."""

    post: str
    account: str = ""


class Action(Data):
    """A command on a case. `seen_attempt`: of the assignment the person saw; 0 = not told, else it must still stand."""

    VERB: ClassVar[str] = ""
    case_id: UUID
    actor: Actor
    note: Note = ""
    seen_attempt: Annotated[int, Field(ge=0)] = 0


class Sign(Action):
    """签收."""

    TYPE: ClassVar[str] = "cn.anxin.action.sign.v1"
    VERB: ClassVar[str] = "sign"


class Contact(Action):
    """联系 the claimant or the employer; `reached` false = a logged try."""

    TYPE: ClassVar[str] = "cn.anxin.action.contact.v1"
    VERB: ClassVar[str] = "contact"
    party: Literal["claimant", "employer"] = "claimant"
    reached: bool = True


class Return(Action):
    """退单 with a reason code, once; `to_grid` = whom the returner thinks responsible."""

    TYPE: ClassVar[str] = "cn.anxin.action.return.v1"
    VERB: ClassVar[str] = "return"
    reason: Literal["wrong_grid", "not_ours", "duplicate", "conflict_of_interest"]
    to_grid: str = ""


class Dispute(Action):
    """对派单有异议: the receiver of a returned case contests it; the common superior rules."""

    TYPE: ClassVar[str] = "cn.anxin.action.dispute.v1"
    VERB: ClassVar[str] = "dispute"


class Route(Action):
    """人工派单 by the duty officer, or the ruling (裁定) of the common superior."""

    TYPE: ClassVar[str] = "cn.anxin.action.route.v1"
    VERB: ClassVar[str] = "route"
    grid: str = ""
    unit_code: str = ""


class Mediate(Action):
    """调解; `failed` opens the formal way."""

    TYPE: ClassVar[str] = "cn.anxin.action.mediate.v1"
    VERB: ClassVar[str] = "mediate"
    round: int = 1
    failed: bool = False


class Accept(Action):
    """受理 (若干规定 §18)."""

    TYPE: ClassVar[str] = "cn.anxin.action.accept.v1"
    VERB: ClassVar[str] = "accept"


class Refuse(Action):
    """不予受理, in writing."""

    TYPE: ClassVar[str] = "cn.anxin.action.refuse.v1"
    VERB: ClassVar[str] = "refuse"


class File(Action):
    """立案 by two inspectors (监察条例 §16)."""

    TYPE: ClassVar[str] = "cn.anxin.action.file.v1"
    VERB: ClassVar[str] = "file"
    inspectors: int


class Serve(Action):
    """送达 of a document: a correction order (责令改正, with its payment date) or the decision.

    `amount_fen`: what an order says is to be paid; 0 = it names no amount.
    """

    TYPE: ClassVar[str] = "cn.anxin.action.serve.v1"
    VERB: ClassVar[str] = "serve"
    document_kind: Literal["correction", "decision"]
    document: str
    due_on: str = ""
    amount_fen: Annotated[int, Field(ge=0)] = 0


class EndInvestigation(Action):
    """调查终结."""

    TYPE: ClassVar[str] = "cn.anxin.action.end_investigation.v1"
    VERB: ClassVar[str] = "end_investigation"


class Decide(Action):
    """作出处理决定."""

    TYPE: ClassVar[str] = "cn.anxin.action.decide.v1"
    VERB: ClassVar[str] = "decide"
    outcome: Note


class Pay(Action):
    """支付: what was paid, to how many workers. `full` 付清: nothing is owed any more, whatever was reckoned."""

    TYPE: ClassVar[str] = "cn.anxin.action.pay.v1"
    VERB: ClassVar[str] = "pay"
    amount_fen: Annotated[int, Field(gt=0)]
    workers: Annotated[int, Field(gt=0)]
    full: bool = False


class AskMaterial(Action):
    """补正告知: the claimant is told what is missing; acceptance waits meanwhile (若干规定 §18)."""

    TYPE: ClassVar[str] = "cn.anxin.action.ask_material.v1"
    VERB: ClassVar[str] = "ask_material"
    items: Reason


class TakeMaterial(Action):
    """补正收到."""

    TYPE: ClassVar[str] = "cn.anxin.action.take_material.v1"
    VERB: ClassVar[str] = "take_material"


class AskExtension(Action):
    """申请延期 of one running clock, before it ends. `days`: in the unit of the clock; `source`: of a reply clock."""

    TYPE: ClassVar[str] = "cn.anxin.action.ask_extension.v1"
    VERB: ClassVar[str] = "ask_extension"
    clock: ClockId
    source: str = ""
    days: Annotated[int, Field(gt=0, le=365)]
    reason: Reason


class RuleExtension(Action):
    """审批延期: what was asked is approved or not."""

    TYPE: ClassVar[str] = "cn.anxin.action.rule_extension.v1"
    VERB: ClassVar[str] = "rule_extension"
    clock: ClockId
    source: str = ""
    approved: bool


class Suspend(Action):
    """中止调查 with its ground and basis, or 协助查询; the clocks of the ground stand still (监察条例 §17)."""

    TYPE: ClassVar[str] = "cn.anxin.action.suspend.v1"
    VERB: ClassVar[str] = "suspend"
    ground: Literal["suspended", "assistance"]
    basis: Reason


class Arbitrate(Action):
    """仲裁或诉讼已受理: another body decides the dispute (监察条例 §21). `number`: its case number."""

    TYPE: ClassVar[str] = "cn.anxin.action.arbitrate.v1"
    VERB: ClassVar[str] = "arbitrate"
    kind: Literal["arbitration", "suit"]
    number: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Resume(Action):
    """恢复: the ground of a pause is gone."""

    TYPE: ClassVar[str] = "cn.anxin.action.resume.v1"
    VERB: ClassVar[str] = "resume"
    ground: Literal["suspended", "assistance", "arbitration", "referral"]


class SuspectCrime(Action):
    """涉嫌拒不支付劳动报酬: an order to pay was served and lapsed, amounts reach the threshold (法释〔2013〕3号)."""

    TYPE: ClassVar[str] = "cn.anxin.action.suspect_crime.v1"
    VERB: ClassVar[str] = "suspect_crime"
    act: Literal["transfer", "flight", "hidden_books", "able_and_refuses"]
    amount_fen: Annotated[int, Field(gt=0)]
    workers: Annotated[int, Field(gt=0)]
    months: Annotated[int, Field(ge=0)] = 0


class DecideReferral(Action):
    """移送决定 by the head of the bureau within three days (310号令 §5)."""

    TYPE: ClassVar[str] = "cn.anxin.action.decide_referral.v1"
    VERB: ClassVar[str] = "decide_referral"
    approved: bool


class Refer(Action):
    """移送公安 with its letter, within 24 hours of the decision (310号令 §5)."""

    TYPE: ClassVar[str] = "cn.anxin.action.refer.v1"
    VERB: ClassVar[str] = "refer"
    document: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class PoliceReply(Action):
    """公安回执: filed, or not (310号令 §8)."""

    TYPE: ClassVar[str] = "cn.anxin.action.police_reply.v1"
    VERB: ClassVar[str] = "police_reply"
    filed: bool


class AskReview(Action):
    """提请复议 of the police's refusal (310号令 §9)."""

    TYPE: ClassVar[str] = "cn.anxin.action.ask_review.v1"
    VERB: ClassVar[str] = "ask_review"


class Withdraw(Action):
    """撤回诉求: noted; it ends no case, since a breach of law is looked into all the same (监察条例 §14)."""

    TYPE: ClassVar[str] = "cn.anxin.action.withdraw.v1"
    VERB: ClassVar[str] = "withdraw"
    reason: Reason


class Meet(Action):
    """联席会议 of the 21 units was held (S17)."""

    TYPE: ClassVar[str] = "cn.anxin.action.meet.v1"
    VERB: ClassVar[str] = "meet"


class NoteStep(Action):
    """记程序节点: a step of policies/steps.csv was done (evidence preserved, hearing held, a petition received, …).

    `variant`: which of the clocks that it starts is meant; `due_on`: the date a document sets, where it is earlier.
    """

    TYPE: ClassVar[str] = "cn.anxin.action.note_step.v1"
    VERB: ClassVar[str] = "note_step"
    step: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,60}$")]
    variant: Annotated[str, StringConstraints(max_length=30)] = ""
    due_on: Annotated[str, StringConstraints(max_length=10)] = ""
    document: Annotated[str, StringConstraints(max_length=64)] = ""


class Close(Action):
    """办结 with one of the ten conclusions."""

    TYPE: ClassVar[str] = "cn.anxin.action.close.v1"
    VERB: ClassVar[str] = "close"
    conclusion: Conclusion


class Revisit(Action):
    """回访."""

    TYPE: ClassVar[str] = "cn.anxin.action.revisit.v1"
    VERB: ClassVar[str] = "revisit"
    satisfied: bool


class Reopen(Action):
    """重办, once."""

    TYPE: ClassVar[str] = "cn.anxin.action.reopen.v1"
    VERB: ClassVar[str] = "reopen"


class Split(Action):
    """拆分 one submission out of the case."""

    TYPE: ClassVar[str] = "cn.anxin.action.split.v1"
    VERB: ClassVar[str] = "split"
    submission_id: UUID


class Join(Action):
    """并案 by hand: every record of this case moves to the older one, which this case was shown with."""

    TYPE: ClassVar[str] = "cn.anxin.action.join.v1"
    VERB: ClassVar[str] = "join"
    into: UUID


class Comment(Action):
    """备注: moves no clock."""

    TYPE: ClassVar[str] = "cn.anxin.action.comment.v1"
    VERB: ClassVar[str] = "comment"


class Replied(Action):
    """An adapter's receipt: the source has its answer (回执)."""

    TYPE: ClassVar[str] = "cn.anxin.action.replied.v1"
    VERB: ClassVar[str] = "replied"
    channel: Channel
    external_no: str
    conclusion: Conclusion
    receipt_no: str = ""


ACTIONS: tuple[type[Action], ...] = (
    Sign, Contact, Return, Dispute, Route, Mediate, Accept, Refuse, File, Serve, EndInvestigation,
    Decide, Pay, AskMaterial, TakeMaterial, AskExtension, RuleExtension, Suspend, Arbitrate, Resume,
    SuspectCrime, DecideReferral, Refer, PoliceReply, AskReview, Withdraw, Meet, NoteStep, Close, Revisit,
    Reopen, Split, Join, Comment, Replied,
)  # fmt: skip


class DeadlineDue(Data):
    """到点: escalation's own timer says the case's earliest armed instant has come. Changes nothing by itself."""

    TYPE: ClassVar[str] = "cn.anxin.deadline.due.v1"
    case_id: UUID
    due_at: Instant
