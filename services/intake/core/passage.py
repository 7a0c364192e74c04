"""The texts a submission is read from: field by field, cleaned, with their masked twins and what was seen in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.matter import Span
from services.intake.core.fields import Reading
from services.intake.core.gazetteer import Gazetteer, Mention
from services.intake.core.lexicon import Match, Scan
from services.intake.core.mask import mask
from services.intake.core.shapes import Role, Shape
from services.intake.core.words import Matters

SPAN_CHARS_MAX = 120
_NOTHING = Scan({}, (), (), {})
_PAUSE = re.compile(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class Passage:
    """`role` of places in it; "unknown" = the context says. `masked` has the same length as `text`.

    In `masked` a space between two characters is a comma: so people write who type no punctuation.
    """

    field: str
    text: str
    masked: str
    role: Role = "unknown"
    free: bool = True
    mentions: tuple[Mention, ...] = ()
    scan: Scan = _NOTHING

    def span(self, start: int, end: int) -> Span:
        return Span(
            field=self.field, start=start, end=end, text=self.masked[start:end][:SPAN_CHARS_MAX]
        )

    def said(self, parts: Match) -> Span:
        """From the first part to the last; the text between is left out: it may name somebody."""
        text = "…".join(self.masked[start:end] for start, end in parts)
        return Span(
            field=self.field,
            start=parts[0][0],
            end=parts[-1][1],
            text=text[:SPAN_CHARS_MAX],
        )


def passages(
    shape: Shape, reading: Reading, gazetteer: Gazetteer, words: Matters
) -> tuple[Passage, ...]:
    """Place columns first, then free text; a title last (its wording repeats the content)."""
    return (*_columns(shape, reading, gazetteer), *_texts(shape, reading, gazetteer, words))


def _columns(shape: Shape, reading: Reading, gazetteer: Gazetteer) -> Iterator[Passage]:
    for field, role in shape.places:
        text = reading.text(field)
        if text:
            found = gazetteer.find(text)
            yield Passage(field, text, mask(text), role, free=False, mentions=found)


def _texts(
    shape: Shape, reading: Reading, gazetteer: Gazetteer, words: Matters
) -> Iterator[Passage]:
    for field in shape.texts:
        text = reading.text(field)
        if text:
            masked = mask(words.misspelt.mended(text))
            if " " in masked:
                masked = _PAUSE.sub(lambda found: "，" * len(found.group()), masked)
            found, seen = gazetteer.find(masked), words.lexicon.scan(masked)
            yield Passage(field, text, masked, mentions=found, scan=seen)
