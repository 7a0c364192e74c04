"""Answers that say what is wrong and what to do, RFC 9457 problem details in English and Chinese. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from schemas.event import Reason

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """`do_…`: what the sender does now."""

    status: int
    en: str
    zh: str
    do_en: str
    do_zh: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "unsigned": Kind(
            401, "A signature header is missing, repeated or malformed", "签名请求头缺失、重复或格式不对",
            "Send each of X-Channel, X-Timestamp, X-Nonce and X-Signature once (docs/http.md).",
            "X-Channel、X-Timestamp、X-Nonce、X-Signature 各发送一次，格式见 docs/http.md。",
        ),
        "stale": Kind(
            401, "X-Timestamp is more than 300 s away from our clock", "X-Timestamp 与本系统时间相差超过 300 秒",
            "Set your clock by NTP (ours is in the Date header) and sign anew.",
            "请校准时钟（本系统时间见响应头 Date），重新签名后再发。",
        ),
        "bad_signature": Kind(
            401, "The signature does not fit", "签名不符",
            "Sign method, target, timestamp, nonce and the hash of the very bytes sent, with the channel's key.",
            "请用本渠道密钥，对方法、请求路径、时间戳、随机串和实际发送字节的摘要签名。",
        ),
        "other_channel": Kind(
            403, "This belongs to another channel", "不属于本渠道",
            "A channel sends under its own name only.",
            "每个渠道只能以自己的名义发送。",
        ),
        "no_channel": Kind(
            404, "There is no such channel", "没有这个渠道",
            "Channels: national, provincial, 12345, 12333, window, patrol.",
            "渠道代码：national、provincial、12345、12333、window、patrol。",
        ),
        "not_found": Kind(
            404, "There is nothing here for this channel", "没有找到，或不属于本渠道",
            "Check the address. What was accepted a moment ago may still be under way: ask again in a few seconds.",
            "请核对地址。刚刚受理的记录可能尚在处理，几秒后再查。",
        ),
        "bad_method": Kind(
            405, "This address does not take this method", "该地址不支持此方法",
            "See docs/http.md.", "请参阅 docs/http.md。",
        ),
        "slow": Kind(
            408, "The body did not arrive in time", "请求体未在规定时间内送达",
            "Send again; smaller batches help.", "请重新发送，可减小每批记录数。",
        ),
        "replayed": Kind(
            409, "This nonce was used before", "随机串已经用过",
            "Sign anew with a fresh nonce: a record sent again is taken once.",
            "请换一个随机串重新签名；重复发送的同一记录只受理一次。",
        ),
        "too_large": Kind(
            413, "The body is too large", "请求体过大",
            "At most 2000000 bytes and 500 records a request: split the batch.",
            "每次请求不超过 2000000 字节、500 条记录，请分批发送。",
        ),
        "unsupported": Kind(
            415, "This content type or encoding is not taken", "不支持的内容类型或编码",
            "Send application/json, application/cloudevents+json or application/cloudevents-batch+json in UTF-8, "
            "not compressed.",
            "请以 UTF-8 发送 application/json、application/cloudevents+json 或 "
            "application/cloudevents-batch+json，不要压缩。",
        ),
        "refused": Kind(
            422, "Records were refused; none of this request was taken", "有记录不符合要求，本次请求全部未受理",
            "Correct the fields named in errors and send the whole request again.",
            "请按 errors 所列字段更正，整批重新发送。",
        ),
        "bad_parameter": Kind(
            422, "A parameter cannot be read", "参数不合法",
            "Correct the parameter named in field.", "请更正 field 所列参数。",
        ),
        "too_many": Kind(
            429, "Too many requests of this channel", "本渠道请求过于频繁",
            "Wait as long as Retry-After says; send batches.",
            "请按 Retry-After 等待后再发，并改用批量发送。",
        ),
        "not_now": Kind(
            503, "The broker has not confirmed; nothing is acknowledged", "消息系统未确认，本次请求未受理",
            "Send the same request again after Retry-After with a fresh nonce: what arrived is not taken twice.",
            "请在 Retry-After 之后换随机串重发同一请求；已到达的记录不会重复受理。",
        ),
    }
)  # fmt: skip
CODES = ("accepted", "answered", *KINDS)
"""What a request is counted as."""

REASONS_EN: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.TOO_LARGE: "longer than allowed: shorten it",
        Reason.EMPTY: "nothing was sent: send a JSON object or an array of them",
        Reason.BAD_ENVELOPE: "a CloudEvents attribute is missing or malformed: see CloudEvents 1.0",
        Reason.WRONG_TYPE: "the type is not this channel's: use cn.anxin.inbound.<channel>.v1",
        Reason.UNSUPPORTED_CONTENT_TYPE: "only JSON in UTF-8 is taken",
        Reason.BAD_ENCODING: "not UTF-8, or an unpaired surrogate: convert the encoding",
        Reason.BAD_JSON: "not valid JSON, or nested too deeply",
        Reason.BAD_FIELD: "the value is not one this field can have: correct it",
        Reason.MISSING_FIELD: "the field is missing or empty: give it",
        Reason.BAD_TIME: "the time cannot be read or lies in the future: correct it",
        Reason.PROCESSING_ERROR: "a fault of ours: call the operators and name the external number",
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One refused record: `index` in the request from 0; `detail_zh` in the sender's language."""

    index: int
    external_no: str
    field: str
    reason: Reason
    detail_zh: str


class Problem(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A request that is not taken. `code`: of KINDS."""

    def __init__(
        self, code: str, field: str = "", faults: Sequence[Fault] = (), retry_after_s: int = 0
    ) -> None:
        super().__init__(code)
        self.code, self.field, self.retry_after_s = code, field, retry_after_s
        self.faults = tuple(faults)

    @property
    def status(self) -> int:
        return KINDS[self.code].status

    @property
    def headers(self) -> dict[str, str]:
        found = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
        if self.status == 401:
            found["WWW-Authenticate"] = 'HMAC-SHA256 realm="anxin"'
        if self.retry_after_s:
            found["Retry-After"] = str(self.retry_after_s)
        return found

    def body(self) -> dict[str, Any]:
        kind = KINDS[self.code]
        found: dict[str, Any] = {
            "type": f"urn:anxin:problem:{self.code}",
            "title": kind.en,
            "title_zh": kind.zh,
            "status": kind.status,
            "detail": kind.do_en,
            "detail_zh": kind.do_zh,
        }
        if self.field:
            found["field"] = self.field
        if self.faults:
            found["errors"] = [_error(one) for one in self.faults]
        return found


def _error(fault: Fault) -> dict[str, Any]:
    return {
        "index": fault.index,
        "external_no": fault.external_no,
        "field": fault.field,
        "code": fault.reason.value,
        "detail": REASONS_EN[fault.reason],
        "detail_zh": fault.detail_zh,
    }
