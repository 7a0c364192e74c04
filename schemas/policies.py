"""Topic `policies`, key: bundle hash, compacted: every bundle ever in force (writer: `anxin policy publish`)."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from schemas.event import Data

CONTENT_CHARS_MAX = 900_000
BundleHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""The first 128 bits, in hexadecimal, of the SHA-256 of a bundle's bytes."""
Line = Annotated[str, StringConstraints(max_length=2000)]


class PolicyPublished(Data):
    """政策包发布. `content`: base64 of zlib of its bytes (docs/adr/0014); the other fields are read from them."""

    TYPE: ClassVar[str] = "cn.anxin.policy.published.v1"
    hash: BundleHash
    version: Line
    effective_from: date
    note: Line = ""
    statutory_change: Line = ""
    content: Annotated[str, StringConstraints(max_length=CONTENT_CHARS_MAX)]
