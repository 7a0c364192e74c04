"""One canonical submission of any channel: personal fields sealed, the rest as features."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from schemas.matter import Identity, Matter, Sealed, Submission
from services.intake.core.decode import Arrival
from services.intake.core.extract import extract
from services.intake.core.fields import Reading
from services.intake.core.mask import own_phone, phone, phones
from services.intake.core.policy import Policy
from services.intake.core.register import registered
from services.intake.core.shapes import CARRIED, SHAPES, Shape
from services.intake.core.unname import unnamed
from services.kernel.seal import identity_key, person_key, seal

REFS_MAX = 8
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z0-9](?:[A-Za-z0-9]|[-_/](?=[A-Za-z0-9])){4,63}(?![A-Za-z0-9])"
)
_ALONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/-]{0,63}")
_PERSONAL = re.compile(r"(?:86-?)?1[3-9]\d-?\d{4}-?\d{4}|\d{17}[\dXx]|0\d{2,3}-?\d{7,8}(?:-\d+)?")
_NAMELESS = re.compile(r"匿名(?:市民|群众|举报|反映|投诉|来电|者)|(?:要求|请求|申请)匿名")
_NAME = re.compile(r"[\u3400-\u9fff·]{2,12}")
_TITLE = re.compile(
    r"某|先生|女士|小姐|师傅|同志|老师|工友|市民|群众|匿名|家属|代|等|们|^(?:老|小|阿).$"
)


def normalise(policy: Policy, arrival: Arrival, data_key: bytes, now: datetime) -> Submission:
    """`data_key`: of this submission, empty = erased. `now`: log time, never before the event in our record."""
    shape, reading = SHAPES[arrival.channel], arrival.reading
    occurred = min(reading.moment(shape.occurred) or arrival.event.time, now)
    contact = claimant_phone(shape, reading)
    anonymous = shape.claimant and _anonymous(shape, reading, contact)
    known = shape.claimant and not anonymous
    number = _identity(shape, reading) if known else ""
    contact_known = contact if known else ""
    secret = policy.person_secret
    person = person_key(secret, contact_known, number, arrival.submission_id)
    return Submission(
        submission_id=arrival.submission_id,
        channel=arrival.channel,
        external_no=arrival.external_no,
        content_hash=arrival.content_hash,
        person=person,
        identity=Identity(
            phone=identity_key(secret, "phone", contact_known),
            id_number=identity_key(secret, "id", number),
            name=identity_key(secret, "name", full_name(shape, reading) if known else ""),
        ),
        anonymous=anonymous,
        confidential=reading.flag("confidential") is not False,
        occurred_at=occurred,
        received_at=now,
        due_at=reading.moment("due_at"),
        refs=tuple(one for key in shape.refs for one in _refs(reading.text(key))),
        claimant=_sealed(arrival, shape, contact, data_key),
        matter=_matter(policy, arrival, occurred),
    )


def _matter(policy: Policy, arrival: Arrival, occurred: datetime) -> Matter:
    shape, reading = SHAPES[arrival.channel], arrival.reading
    read = extract(policy.words, arrival.channel, reading, occurred)
    named = registered(policy.register, read, reading.text("uscc"))
    return unnamed(named, shape, reading)


def claimant_phone(shape: Shape, reading: Reading) -> str:
    """Digits. What a text calls 本人's; the contact number, unless it lists the calling one too; one in a text."""
    told = (own_phone(reading.text(key)) for key in shape.texts)
    own = next(filter(None, told), "") if shape.claimant else ""
    if own:
        return own
    listed = [phones(reading.text(key)) for key in shape.phones]
    for numbers in listed:
        if numbers:
            return next((one for one in listed[-1] if one in numbers), numbers[0])
    if not shape.claimant:
        return ""
    return next((one for key in shape.texts if (one := phone(reading.text(key)))), "")


def _refs(text: str) -> list[str]:
    """关联编号: of what a seat wrote beside them, names and phones, nothing stays."""
    found = dict.fromkeys([text] if _ALONE.fullmatch(text) else _NUMBER.findall(text))
    return [one for one in found if not _PERSONAL.fullmatch(one)][:REFS_MAX]


def _identity(shape: Shape, reading: Reading) -> str:
    found = reading.text(shape.id_number).replace(" ", "").upper()
    return found if re.fullmatch(r"\d{17}[\dX]|\d{15}", found) else ""


def full_name(shape: Shape, reading: Reading) -> str:
    """A whole name or nothing: 张先生, 李某 and 王师傅 say who calls to nobody else."""
    found = reading.text(shape.name).replace(" ", "")
    return found if _NAME.fullmatch(found) and not _TITLE.search(found) else ""


def _anonymous(shape: Shape, reading: Reading, contact: str) -> bool:
    """匿名: said so, or neither phone nor ID number nor name."""
    if reading.flag("anonymous"):
        return True
    if any(_NAMELESS.search(reading.text(key)) for key in shape.texts):
        return True
    return not (contact or _identity(shape, reading) or reading.text(shape.name))


def _sealed(arrival: Arrival, shape: Shape, contact: str, key: bytes) -> Sealed:
    """No key: this submission was erased, and a replay or an amendment does not bring it back."""
    if not key:
        return Sealed()
    reading = arrival.reading
    written = [text for one in shape.phones if (text := reading.text(one))]
    known = {number for text in written for number in phones(text)}
    plain = {
        "name": reading.text(shape.name),
        "phone": "；".join(written if contact in known else filter(None, (*written, contact))),
        "id_number": reading.text(shape.id_number),
        "address": reading.text(shape.address),
        "text": "\n".join(filter(None, (reading.text(one) for one in shape.texts))),
        "extra": _rest(shape, reading),
    }
    return Sealed(
        **{name: seal(key, arrival.submission_id, name, text) for name, text in plain.items()}
    )


def _rest(shape: Shape, reading: Reading) -> str:
    """JSON of every other column, unknown ones as they came (未知列不丢)."""
    kept: Mapping[str, JsonValue] = {
        name: _plain(value)
        for name, value in reading.values.items()
        if name not in CARRIED | shape.personal()
        and name not in (shape.number, shape.employer, shape.occurred)
        and not (name in shape.refs and _refs(str(value)) == [value])
    }
    rest = {**kept, **reading.extra}
    return json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else ""


def _plain(value: object) -> JsonValue:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, str | bool | int) else str(value)
