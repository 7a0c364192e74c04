"""What a claimant said of themselves in columns of its own is taken out of what was read from the words."""

import re
from collections.abc import Iterable

from schemas.matter import Matter
from services.intake.core.fields import Reading
from services.intake.core.mask import FILL, phones
from services.intake.core.shapes import Shape

NAME_CHARS_MIN = 2
_NAME = re.compile(r"[一-鿿㐀-䶿·]{2,20}|[A-Za-z][A-Za-z .]{2,40}")


def unnamed(matter: Matter, shape: Shape, reading: Reading) -> Matter:
    """`某足浴店：王小明要求…` was once read as an employer called 王小明要求…: the name does not leave intake."""
    words = "\n".join(_words(matter))
    hit = [one for one in _own(shape, reading) if one in words]
    if not hit:
        return matter
    said = matter.model_dump_json()
    for one in sorted(hit, key=len, reverse=True):
        said = said.replace(one, FILL * len(one))
    return Matter.model_validate_json(said)


def _words(matter: Matter) -> Iterable[str]:
    """Everything in it that was copied from the record."""
    if matter.employer:
        yield from (matter.employer.name, matter.employer.normalised)
    yield from (place.span.text for place in matter.places)
    yield from (hint.span.text for hint in matter.hints)


def _own(shape: Shape, reading: Reading) -> Iterable[str]:
    name = _NAME.match(reading.text(shape.name))
    if name and len(name.group()) >= NAME_CHARS_MIN:
        yield name.group()
    identity = reading.text(shape.id_number)
    if len(identity) >= NAME_CHARS_MIN:
        yield identity
    for key in shape.phones:
        yield from phones(reading.text(key))
