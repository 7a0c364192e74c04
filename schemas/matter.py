"""What a complaint is about, without anything that names the complainant."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.event import TEXT_CHARS_MAX, Instant, Model

Channel = Literal["national", "provincial", "12345", "12333", "window", "patrol"]
CHANNELS: tuple[Channel, ...] = ("national", "provincial", "12345", "12333", "window", "patrol")
Sector = Literal["construction", "non_construction", "unknown"]
Verdict = Literal[
    "accept", "other_district", "not_labour", "time_barred", "in_arbitration", "needs_more_info"
]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Span(Model):
    """Where in the raw record a value was read: characters [start, end) of a field; never personal."""

    field: str
    start: int = 0
    end: int = 0
    text: Annotated[str, StringConstraints(max_length=120)] = ""


RegisterRule = Literal[
    "uscc", "name", "former_name", "short_name", "short_name_here", "abbreviation", "branch"
]


class Registered(Model):
    """登记单位: the entry of the district's register that is meant, by which rule, how sure."""

    name: str
    rule: RegisterRule
    confidence: Ratio


class Employer(Model):
    """被投诉单位 as named, and its normalised form (no city prefix, no 有限公司, half-width).

    `uscc`: of the register, else the one the record gives where its check character fits.
    """

    name: Annotated[str, StringConstraints(max_length=200)]
    normalised: Annotated[str, StringConstraints(max_length=200)]
    uscc: str = ""
    confidence: Ratio = 1.0
    span: Span
    registered: Registered | None = None


class Place(Model):
    """One mention of a place. `code` is the official code of 2026 (unit 9, village 12, grid) where known."""

    kind: Literal["coordinates", "grid", "village", "unit", "road", "district", "elsewhere"]
    name: str
    code: str = ""
    unit_code: str = ""
    lon: float | None = None
    lat: float | None = None
    crs: Literal["", "WGS-84", "GCJ-02"] = ""
    role: Literal["work", "employer_address", "home", "unknown"] = "unknown"
    confidence: Ratio = 1.0
    span: Span


class Hint(Model):
    """A sign that the matter may be outside our competence: which verdict, which exit, which rule."""

    verdict: Verdict
    exit: str = ""
    rule: str
    span: Span


class Found(Model):
    """Where a value of the matter was read, by which rule, and how sure that is (1 = a column of the source)."""

    field: Literal["category", "sector", "people", "amount_fen", "period", "urgent"]
    rule: str = ""
    confidence: Ratio = 1.0
    span: Span


class Matter(Model):
    """The extracted features of one submission."""

    category: str
    sector: Sector = "unknown"
    employer: Employer | None = None
    places: tuple[Place, ...] = ()
    people: int | None = None
    amount_fen: int | None = None
    period_from: Month | None = None
    period_to: Month | None = None
    urgent: bool = False
    urgent_reasons: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    found: tuple[Found, ...] = ()


class Sealed(Model):
    """Personal fields as ciphertext (AES-256-GCM, one data key a submission); empty = not given."""

    name: str = ""
    phone: str = ""
    id_number: str = ""
    address: str = ""
    text: str = ""
    extra: str = ""


class Identity(Model):
    """Keyed hashes that tell one person from another; empty = not given. They go no further than `submissions`."""

    phone: str = ""
    id_number: str = ""
    name: str = ""


class Submission(Model):
    """诉求件: one record of one channel, canonical. `person` is a keyed hash, never a name."""

    submission_id: UUID
    channel: Channel
    external_no: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    revision: int = 0
    content_hash: str
    person: str
    identity: Identity = Identity()
    anonymous: bool = False
    confidential: bool = True
    occurred_at: Instant
    received_at: Instant
    due_at: Instant | None = None
    refs: tuple[str, ...] = ()
    claimant: Sealed = Sealed()
    matter: Matter


MATTER_TEXT_CHARS_MAX = TEXT_CHARS_MAX
