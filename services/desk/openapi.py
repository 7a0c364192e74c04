"""The OpenAPI document of the door, for programs that post. Committed as schemas/generated/openapi.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from schemas.codec import JSON, STRUCTURED
from services.desk import edge, edge_311, edge_read
from services.desk.core.body import BATCH, BATCH_RECORDS_MAX
from services.desk.core.problem_docs import SCHEMA
from services.desk.core.signature import NAMES

FILE = Path(__file__).resolve().parents[2] / "schemas" / "generated" / "openapi.json"
ROUTERS: tuple[APIRouter, ...] = (edge.router, edge_read.router, edge_311.router)
ABOUT = (
    "Four headers sign method, target, timestamp, nonce and body with HMAC-SHA256: docs/http.md. "
    "202 is said after the broker has every record of the request; anything else: none is acknowledged."
)
PREFIX = "cn.anxin.inbound."
EXAMPLE = {
    "order_no": "EZ20250828000451",
    "content": "市民反映樊口街道某生鲜超市拖欠工资一万八",
    "accepted_at": "2025-08-28 09:05",
}


def document(records: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """`records`: JSON Schemas of the channels' raw records by event type."""
    routes = [route for router in ROUTERS for route in router.routes]
    found = get_openapi(title="Anxin 安薪", version="0.1.0", description=ABOUT, routes=routes)
    parts = found["components"]
    parts["schemas"] |= {"Problem": SCHEMA, **{name: dict(one) for name, one in records.items()}}
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    parts["securitySchemes"] = {
        name: {"type": "apiKey", "in": "header", "name": name} for name in NAMES
    }
    for path, methods in found["paths"].items():
        for one in methods.values():
            if path.startswith("/v1/"):
                one["security"] = [{name: [] for name in NAMES}]
    found["paths"]["/v1/submissions/{channel}"]["post"]["requestBody"] = _body(sorted(records))
    return found


def _body(names: list[str]) -> dict[str, Any]:
    record = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
    event = {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1, "maxLength": 64},
            "source": {"type": "string", "minLength": 1, "maxLength": 200},
            "type": {"enum": names},
            "time": {"type": "string", "format": "date-time"},
            "data": record,
        },
    }
    envelope = {
        "specversion": "1.0",
        "id": "EZ20250828000451/1",
        "source": "https://hotline.example",
        "type": f"{PREFIX}12345.v1",
        "time": "2025-08-28T01:05:00Z",
        "data": EXAMPLE,
    }
    one_or_many = {"oneOf": [record, _many(record)]}
    return {
        "required": True,
        "content": {
            JSON: {
                "schema": one_or_many,
                "examples": {"one": {"value": EXAMPLE}, "batch": {"value": [EXAMPLE]}},
            },
            STRUCTURED: {"schema": event, "examples": {"one": {"value": envelope}}},
            BATCH: {"schema": _many(event), "examples": {"batch": {"value": [envelope]}}},
        },
    }


def _many(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1, "maxItems": BATCH_RECORDS_MAX}
