"""CloudEvents 1.0 Kafka binding: binary mode out; binary and structured mode in.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

import json
import re
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from schemas import actions, audit, cases, employers, escalations, policies, submissions
from schemas.event import (
    ID_CHARS_MAX,
    RECORD_BYTES_MAX,
    SPEC_VERSION,
    Data,
    Event,
    Headers,
    Instant,
    Reason,
    Record,
    Refused,
)

STRUCTURED = "application/cloudevents+json"
JSON = "application/json"
SCHEMA_BASE = "urn:anxin:schema:"
_RFC3339 = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$")


def _registry() -> dict[str, type[Data]]:
    found: dict[str, type[Data]] = {}
    for module in (submissions, cases, actions, escalations, employers, policies, audit):
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Data) and thing.TYPE:
                found[thing.TYPE] = thing
    return found


MODELS: dict[str, type[Data]] = _registry()
"""Every event type of ours by its name; inbound types are the adapters'."""


def encode(event: Event) -> tuple[list[tuple[str, bytes]], bytes]:
    """Headers and value of a binary-mode record."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event.id).encode()),
        ("ce_source", event.source.encode()),
        ("ce_type", event.type.encode()),
        ("ce_time", event.time.isoformat().replace("+00:00", "Z").encode()),
        ("ce_subject", event.subject.encode()),
        ("ce_dataschema", (SCHEMA_BASE + event.type).encode()),
        ("content-type", JSON.encode()),
    ]
    if event.traceparent:
        headers.append(("traceparent", event.traceparent.encode()))
    return headers, event.data.model_dump_json(exclude_defaults=True).encode()


def decode(record: Record) -> Event:
    """An event of ours. Raises Refused."""
    attributes, body = open_envelope(record.headers, record.value)
    model = MODELS.get(attributes["type"])
    if model is None:
        raise Refused(Reason.WRONG_TYPE, f"未知的事件类型 {attributes['type'][:80]}", "ce_type")
    try:
        data = (
            model.model_validate_json(body)
            if isinstance(body, bytes)
            else model.model_validate(body)
        )
        identity = UUID(attributes["id"])
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = Reason.BAD_JSON if first["type"] == "json_invalid" else Reason.BAD_FIELD
        raise Refused(reason, f"字段不符合契约：{first['type']}", where) from None
    except ValueError:
        raise Refused(Reason.BAD_ENVELOPE, "ce_id 不是 UUID", "ce_id") from None
    return Event(
        identity,
        attributes["source"],
        parse_time(attributes["time"], "ce_time"),
        attributes.get("subject", ""),
        data,
        attributes.get("traceparent", ""),
    )


def open_envelope(headers: Headers, value: bytes | None) -> tuple[dict[str, str], bytes | Any]:
    """CloudEvents attributes (without prefix) and the data: bytes in binary, parsed in structured mode."""
    if not value:
        raise Refused(Reason.EMPTY, "消息体为空，请重新发送")
    if len(value) > RECORD_BYTES_MAX:
        raise Refused(Reason.TOO_LARGE, f"消息体超过 {RECORD_BYTES_MAX} 字节，附件请只写名称")
    plain = _single(headers)
    content = plain.get("content-type", "").split(";")
    kind = content[0].strip().lower()
    if any("charset" in part.lower() and "utf-8" not in part.lower() for part in content[1:]):
        raise Refused(
            Reason.UNSUPPORTED_CONTENT_TYPE, "只接受 UTF-8 编码，请转换后重新发送", "content-type"
        )
    if kind == STRUCTURED:
        attributes, body = _structured(value)
        attributes.setdefault("traceparent", plain.get("traceparent", ""))
    elif kind == JSON:
        attributes = {name[3:]: text for name, text in plain.items() if name.startswith("ce_")}
        attributes["traceparent"] = plain.get("traceparent", "")
        body = value
    else:
        raise Refused(
            Reason.UNSUPPORTED_CONTENT_TYPE,
            f"不支持的 content-type {kind[:60]!r}，请用 application/json",
            "content-type",
        )
    _check(attributes)
    return attributes, body


def parse_json(body: bytes) -> Any:
    """Strict JSON from UTF-8 bytes: no NaN, no huge integers, no deep nesting. Raises Refused."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(Reason.BAD_ENCODING, "不是 UTF-8 文本，请转换编码后重新发送") from None
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise Refused(Reason.BAD_JSON, "JSON 嵌套过深，请拆平后重新发送") from None
    except ValueError:
        raise Refused(Reason.BAD_JSON, "不是合法的 JSON，请检查引号、逗号和换行") from None


def parse_time(text: str, field: str) -> Instant:
    """RFC 3339 with zone. Raises Refused."""
    if not _RFC3339.match(text):
        raise Refused(Reason.BAD_TIME, "时间须为 RFC 3339 格式并带时区", field)
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        raise Refused(Reason.BAD_TIME, "没有这个时间", field) from None


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _single(headers: Headers) -> dict[str, str]:
    plain: dict[str, str] = {}
    for name, raw in headers:
        lower = name.lower()
        if lower in plain and (lower.startswith("ce_") or lower == "content-type"):
            raise Refused(Reason.BAD_ENVELOPE, f"消息头 {lower[:60]} 重复", lower[:60])
        try:
            plain[lower] = raw.decode("utf-8") if raw is not None else ""
        except UnicodeDecodeError:
            raise Refused(
                Reason.BAD_ENVELOPE, f"消息头 {lower[:60]} 不是 UTF-8", lower[:60]
            ) from None
    return plain


def _structured(value: bytes) -> tuple[dict[str, str], Any]:
    whole = parse_json(value)
    if not isinstance(whole, dict):
        raise Refused(Reason.BAD_ENVELOPE, "结构化模式须为 JSON 对象")
    if "data" not in whole:
        raise Refused(Reason.BAD_ENVELOPE, "缺少 data", "data")
    return {k: v for k, v in whole.items() if isinstance(v, str)}, whole["data"]


def _check(attributes: dict[str, str]) -> None:
    for name in ("specversion", "id", "source", "type", "time"):
        if not attributes.get(name):
            raise Refused(Reason.BAD_ENVELOPE, f"缺少属性 ce_{name}", f"ce_{name}")
    if attributes["specversion"] != SPEC_VERSION:
        raise Refused(Reason.BAD_ENVELOPE, "只支持 CloudEvents 1.0", "ce_specversion")
    if len(attributes["id"]) > ID_CHARS_MAX:
        raise Refused(Reason.BAD_ENVELOPE, f"ce_id 超过 {ID_CHARS_MAX} 个字符", "ce_id")
    parse_time(attributes["time"], "ce_time")
