"""Problems as OpenAPI says them. Pure."""

from typing import Any

from services.desk.core.problem import KINDS, MEDIA_TYPE

OF_PROOF = ("unsigned", "stale", "bad_signature", "replayed", "too_large", "slow", "too_many")
"""What every signed request may meet."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "title_zh", "status", "detail", "detail_zh"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:anxin:problem:refused"]},
        "title": {"type": "string"},
        "title_zh": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what to do"},
        "detail_zh": {"type": "string"},
        "field": {"type": "string", "description": "header or parameter"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "external_no", "field", "code", "detail", "detail_zh"],
                "properties": {
                    "index": {"type": "integer", "description": "of the record, from 0"},
                    "external_no": {"type": "string"},
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "detail_zh": {"type": "string"},
                },
            },
        },
    },
}
REF = {"$ref": "#/components/schemas/Problem"}


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        one = found.setdefault(
            kind.status, {"description": "", "content": {MEDIA_TYPE: {"schema": REF}}}
        )
        said = f"`{code}`: {kind.en}。{kind.zh}"
        one["description"] = "; ".join(filter(None, (one["description"], said)))
    return found


def proven(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The same for a signed request."""
    return problems(*OF_PROOF, *codes)
