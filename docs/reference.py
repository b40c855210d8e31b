"""Writes the tables of the guides that have a source elsewhere; `--check` only tells whether they are current."""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path

import gameball_referrals._native as native
from gameball_referrals import Client

DOCS = Path(__file__).resolve().parent
VECTORS = DOCS.parent / "tests" / "vectors"


def errors_table() -> str:
    rows = ["| HTTP | code | case | kind | retryable | for a delivery |", "| --- | --- | --- | --- | --- | --- |"]
    for case in json.loads((VECTORS / "errors.json").read_text())["cases"]:
        given, means = case["input"], case["output"]
        name = case["name"].split(": ", 1)[1]
        rows.append(
            f"| {given['status']} | {given['code'] or ''} | {name} | {means['kind']} "
            f"| {'yes' if means['retryable'] else 'no'} | {means['effect'].replace('_', ' ')} |"
        )
    return "\n".join(rows)


def defaults_table() -> str:
    rows = ["| option | default |", "| --- | --- |"]
    options = inspect.signature(Client).parameters
    rows += [f"| `{name}` | `{value}` |" for name, value in native.defaults().items() if name in options]
    return "\n".join(rows)


TABLES = {"errors.md": ("errors", errors_table), "python.md": ("defaults", defaults_table)}


def main(arguments: list[str]) -> int:
    stale = []
    for page, (marker, table) in TABLES.items():
        path = DOCS / page
        text = path.read_text()
        block = f"<!-- {marker}: begin -->\n\n{table()}\n\n<!-- {marker}: end -->"
        pattern = rf"<!-- {marker}: begin -->.*?<!-- {marker}: end -->"
        current, found = re.subn(pattern, block.replace("\\", r"\\"), text, flags=re.DOTALL)
        if found != 1:
            stale.append(f"{page} has no place for {marker}")
        elif current != text:
            if "--check" in arguments:
                stale.append(f"{page} is not current: run `python docs/reference.py`")
            else:
                path.write_text(current)
    print("\n".join(stale) or "the tables of the guides are current")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
