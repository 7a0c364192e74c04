"""The six normalisers as data: which column of a channel carries which part of a submission."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from schemas.matter import Channel

Role = Literal["work", "employer_address", "home", "unknown"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Column names. `texts`: free text, the main one first; `phones`: of the claimant, nearest first."""

    number: str
    occurred: str
    employer: str = ""
    texts: tuple[str, ...] = ()
    places: tuple[tuple[str, Role], ...] = ()
    name: str = ""
    phones: tuple[str, ...] = ()
    id_number: str = ""
    address: str = ""
    refs: tuple[str, ...] = ()
    claimant: bool = True

    def personal(self) -> frozenset[str]:
        return frozenset({self.name, self.id_number, self.address, *self.phones, *self.texts})


SHAPES: Mapping[Channel, Shape] = MappingProxyType(
    {
        "national": Shape(
            number="clue_no",
            occurred="submitted_at",
            employer="employer",
            texts=("description",),
            places=(("place", "work"),),
            name="reporter_name",
            phones=("mobile",),
            id_number="id_number",
        ),
        "provincial": Shape(
            number="alert_no",
            occurred="generated_at",
            employer="unit_name",
            places=(("place", "work"),),
            claimant=False,
        ),
        "12345": Shape(
            number="order_no",
            occurred="accepted_at",
            texts=("content", "title"),
            places=(("place", "work"), ("town", "work"), ("district", "work")),
            name="caller_name",
            phones=("contact_phone", "caller_phone"),
            refs=("duplicate_of",),
        ),
        "12333": Shape(
            number="call_no",
            occurred="called_at",
            employer="unit_name",
            texts=("content",),
            places=(("region", "unknown"),),
            name="caller_name",
            phones=("caller_phone",),
            refs=("ref_no",),
        ),
        "window": Shape(
            number="reg_no",
            occurred="visited_at",
            employer="respondent",
            texts=("matters",),
            places=(("respondent_address", "employer_address"),),
            name="complainant_name",
            phones=("phone",),
            id_number="id_number",
            address="address",
        ),
        "patrol": Shape(
            number="patrol_no",
            occurred="started_at",
            employer="unit_name",
            texts=("action",),
            places=(("place", "work"),),
            claimant=False,
        ),
    }
)
CARRIED = frozenset(
    {
        "amount_yuan", "people", "arrears_from", "arrears_to", "period", "due_at", "confidential",
        "anonymous", "payable_yuan", "paid_yuan", "crs", "track", "grid",
    }
)  # fmt: skip
"""Columns that stand as features of the matter or the submission; the others are sealed in `extra`."""
