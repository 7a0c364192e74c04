"""提示: what a sender should look at in a record that intake takes. Never repeats a value of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from services.intake.core.codes import is_id_number, is_uscc
from services.intake.core.columns import HEADER_CHARS_MAX, Columns
from services.intake.core.fields import Reading, read
from services.intake.core.mask import MOBILE, phones
from services.intake.core.shapes import SHAPES
from services.intake.core.text import clean


@dataclass(frozen=True, slots=True)
class Remark:
    """`field`: key of the column, or the header as it came."""

    field: str
    text_zh: str


def remarks(columns: Columns, channel: str, raw: Mapping[str, JsonValue]) -> tuple[Remark, ...]:
    """Of a record that `certify` took."""
    reading = read(columns, channel, raw)
    rules: tuple[Callable[[Columns, str, Reading], Iterator[Remark]], ...] = (
        _missing, _unread, _choices, _numbers, _order,
    )  # fmt: skip
    said = [remark for rule in rules for remark in rule(columns, channel, reading)]
    return (*said, *_unknown(columns, channel, raw))


def _missing(columns: Columns, channel: str, reading: Reading) -> Iterator[Remark]:
    occurred = SHAPES[channel].occurred  # type: ignore[index]  # a channel of Origin
    for key, column in columns.of[channel].items():
        if column.required and key not in reading.values and key not in reading.unread:
            then = "，以消息时间为准" if key == occurred else ""
            yield Remark(key, f"缺少必填列“{column.name_zh}”{then}")


def _unread(columns: Columns, channel: str, reading: Reading) -> Iterator[Remark]:
    what = {"amount": "金额", "count": "数量", "flag": "是或否", "month": "月份"}
    for key in sorted(reading.unread):
        kind = what.get(columns.of[channel][key].kind, "值") if key in columns.of[channel] else "值"
        yield Remark(key, f"读不出{kind}，按“未知”处理，原文加密保存")


def _choices(columns: Columns, channel: str, reading: Reading) -> Iterator[Remark]:
    for key, column in columns.of[channel].items():
        given = reading.text(key)
        if given and column.choices and given not in column.choices:
            yield Remark(key, f"不在约定的取值之内：{' / '.join(column.choices)}")


def _numbers(columns: Columns, channel: str, reading: Reading) -> Iterator[Remark]:
    shape = SHAPES[channel]  # type: ignore[index]
    identity = reading.text(shape.id_number).replace(" ", "").upper()
    if identity and not is_id_number(identity):
        yield Remark(shape.id_number, "身份证号位数或校验位不符，请核对")
    for key in shape.phones:
        if reading.text(key) and not phones(reading.text(key)):
            yield Remark(key, "读不出电话号码，请核对")
    if reading.text("uscc") and not is_uscc(reading.text("uscc").upper()):
        yield Remark("uscc", "统一社会信用代码位数或校验位不符，请核对")
    number = reading.text(shape.number)
    if is_id_number(number.upper()) or MOBILE.fullmatch(number):
        yield Remark(shape.number, "形似身份证号或手机号：来源编号不加密，请改用系统自己的编号")


def _order(_: Columns, channel: str, reading: Reading) -> Iterator[Remark]:
    begun = reading.moment(SHAPES[channel].occurred)  # type: ignore[index]
    due = reading.moment("due_at")
    if begun and due and due < begun:
        yield Remark("due_at", "时限早于发生时间，请核对")
    first, last = reading.text("arrears_from"), reading.text("arrears_to")
    if first and last and last < first:
        yield Remark("arrears_to", "欠薪结束早于开始，请核对")


def _unknown(columns: Columns, channel: str, raw: Mapping[str, JsonValue]) -> Iterator[Remark]:
    for header in raw:
        if columns.find(channel, header) is None:
            short = clean(header)[:HEADER_CHARS_MAX]
            yield Remark(short, "约定之外的列，原样加密保存，不参与识别")
