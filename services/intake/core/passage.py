"""The texts a submission is read from: field by field, cleaned, with their masked twins."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.matter import Span
from services.intake.core.fields import Reading
from services.intake.core.mask import mask
from services.intake.core.shapes import Role, Shape

SPAN_CHARS_MAX = 120


@dataclass(frozen=True, slots=True)
class Passage:
    """`role` of places in it; "unknown" = the context says. `masked` has the same length as `text`."""

    field: str
    text: str
    masked: str
    role: Role = "unknown"
    free: bool = True

    def span(self, start: int, end: int) -> Span:
        return Span(
            field=self.field, start=start, end=end, text=self.masked[start:end][:SPAN_CHARS_MAX]
        )


def passages(shape: Shape, reading: Reading) -> tuple[Passage, ...]:
    """Place columns first, then free text; a title last (its wording repeats the content)."""
    return tuple(_passages(shape, reading))


def _passages(shape: Shape, reading: Reading) -> Iterator[Passage]:
    for field, role in shape.places:
        text = reading.text(field)
        if text:
            yield Passage(field, text, mask(text), role, free=False)
    for field in shape.texts:
        text = reading.text(field)
        if text:
            yield Passage(field, text, mask(text))
