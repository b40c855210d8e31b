"""Holds the bodies of tests/vectors/requests.json to the vendor's published OpenAPI description.

    python tests/schema/validate_requests.py path/to/openapi.json

The description is the vendor's own and not part of this repository. It is made strict first: a field that it does not
name is an error, except for the one that the vendor's source document shows and the description lacks.
Needs: jsonschema.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "requests.json"
PREFIX = "/api/v4.0/integrations/"
UNDOCUMENTED = {"trackOrder": {"referrerCode"}}


def strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: strict(value) for key, value in schema.items()}
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return schema


def resolve(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return strict(description["components"]["schemas"][name])
    return strict(schema)


def main(path: str) -> int:
    description = json.loads(Path(path).read_text())
    cases = json.loads(VECTORS.read_text())["cases"]
    validated, failures, allowed = 0, [], 0
    for case in cases:
        request = case.get("output")
        if request is None or request["body"] is None:
            continue
        operation = description["paths"][request["path"]]["post"]
        body = json.loads(request["body"], parse_float=Decimal)
        for field in UNDOCUMENTED.get(operation.get("operationId"), set()):
            allowed += body.pop(field, None) is not None
        schema = resolve(description, operation["requestBody"]["content"]["application/json"]["schema"])
        for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(body):
            where = "/".join(str(step) for step in error.absolute_path)
            failures.append(f"{case['name']}: {where or 'body'}: {error.message}")
        validated += 1
    print(
        f"{validated} request bodies held to the vendor's description, {len(failures)} failures, "
        f"{allowed} times the documented exception (referrerCode of an order)"
    )
    print("\n".join(failures))
    return 1 if failures or not validated or not allowed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
