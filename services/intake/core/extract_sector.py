"""行业领域: 工程建设 or not; unknown where neither an employer nor a trade is named (words/phrases.toml [sector])."""

from schemas.matter import Employer, Sector, Span
from services.intake.core.extract_category import OUT_OF_SCOPE
from services.intake.core.fields import Reading
from services.intake.core.passage import Passage
from services.intake.core.words import Matters

Found = tuple[Sector, Span, float]
COLUMN, WORDS, NO_WORD = 1.0, 0.8, 0.4


def sector(
    words: Matters,
    reading: Reading,
    employer: Employer | None,
    texts: tuple[Passage, ...],
    category: str,
) -> Found:
    free = [one for one in texts if one.free]
    found = _column(reading) or _construction(words, employer, free)
    if found is None and category != OUT_OF_SCOPE:
        found = _other(words, employer, free)
    return found or ("unknown", Span(field=""), NO_WORD)


def _construction(words: Matters, employer: Employer | None, free: list[Passage]) -> Found | None:
    rules = (
        (words.construction,) if _is_shop(words, employer) else (words.construction, words.trade)
    )
    for passage in free:
        for rule in rules:
            if hit := passage.scan.first(rule):
                return "construction", passage.said(hit), WORDS
    if employer and employer.span.field not in {one.field for one in free}:  # a column of its own
        scan = words.lexicon.scan(employer.name)
        if any(scan.first(rule) for rule in rules):
            return "construction", employer.span, WORDS
    return None


def _other(words: Matters, employer: Employer | None, free: list[Passage]) -> Found | None:
    if employer:
        return "non_construction", employer.span, WORDS
    for passage in free:
        if hit := passage.scan.first(words.other_sector):
            return "non_construction", passage.said(hit), WORDS
    return None


def _is_shop(words: Matters, employer: Employer | None) -> bool:
    return bool(employer and employer.name.endswith(words.shop_ends))


def _column(reading: Reading) -> Found | None:
    given = reading.text("sector")
    if given:
        found: Sector = (
            "construction" if given in ("工程建设", "工程建设领域") else "non_construction"
        )
        return found, Span(field="sector", text=given[:120]), COLUMN
    for key in ("project_name", "project_code"):
        if reading.text(key):
            return "construction", Span(field=key), COLUMN
    return None
