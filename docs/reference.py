"""Writes the tables of the guides that have a source elsewhere; `--check` only tells whether they are current."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import sys
from datetime import timedelta
from pathlib import Path

import gameball_referrals._native as native
from gameball_referrals import Client
from gameball_referrals.django import conf
from gameball_referrals.saleor_app.environment import VARIABLES

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


def settings_table() -> str:
    rows = ["| setting | default | |", "| --- | --- | --- |"]
    for setting in dataclasses.fields(conf.Settings):
        told = setting.metadata["help"].replace("|", "\\|")
        if setting.name in conf.ENVIRONMENT:
            told += f" Or `GAMEBALL_{setting.name}` in the environment."
        rows.append(f"| `{setting.name}` | {default(setting.default)} | {told} |")
    return "\n".join(rows)


def environment_table() -> str:
    rows = ["| variable | |", "| --- | --- |"]
    rows += [f"| `{name}` | {told} |" for name, told in VARIABLES.items()]
    return "\n".join(rows)


def default(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, timedelta):
        units = (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1)))
        name, unit = next((name, unit) for name, unit in units if value % unit == timedelta(0) and value // unit > 1)
        return f"{value // unit} {name}"
    return f"`{json.dumps(value)}`" if isinstance(value, str) else f"`{value!r}`"


TABLES = {
    "errors.md": ("errors", errors_table),
    "python.md": ("defaults", defaults_table),
    "settings.md": ("settings", settings_table),
    "saleor-server.md": ("environment", environment_table),
}


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
