"""What a value looks like: made from its schema, so that it is never out of date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PLAIN: dict[str, Any] = {
    "string": "…",
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "null": None,
}
_DEEPEST = 8  # references; schemas may go round in a circle


def sample(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that fits the schema; every field is there, and null only where nothing else may be.

    Args:
        schemas: those that are referred to, by name.
    """
    if depth > _DEEPEST:
        return None
    if "$ref" in schema:
        return sample(schemas[str(schema["$ref"]).rsplit("/", 1)[-1]], schemas, depth + 1)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("enum", "anyOf"):
        if key in schema:
            first = schema[key][0]
            return first if key == "enum" else sample(first, schemas, depth)
    if schema.get("type") == "array":
        return [sample(schema.get("items", {}), schemas, depth)]
    if schema.get("type") == "object":
        fields = schema.get("properties", {})
        return {name: sample(value, schemas, depth) for name, value in fields.items()}
    return schema.get("const", _PLAIN.get(str(schema.get("type"))))
