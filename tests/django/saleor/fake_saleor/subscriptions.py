"""A subscription query's payload: what the query selects of an event, and nothing besides (F13, F14)."""

from __future__ import annotations

import re
from typing import Any

Selection = dict[str, Any]
"""By field: the selection within it, or None; a fragment's is under ``... on Type``."""

USER: Selection = {
    **dict.fromkeys(("id", "email", "firstName", "lastName", "isConfirmed", "dateJoined")),
    "metadata": {"key": None, "value": None},
}
ORDER: Selection = {
    **dict.fromkeys(("id", "number", "created", "userEmail", "checkoutId")),
    "metadata": {"key": None, "value": None},
    "user": {"id": None, "email": None, "orders": {"totalCount": None}},
    "channel": {"slug": None},
    "total": {"gross": {"amount": None, "currency": None}},
    "totalCharged": {"amount": None},
    "lines": {"id": None, "quantity": None, "productSku": None},
}
APP: Selection = {"id": None, "isActive": None}
TYPES: dict[str, tuple[str, Selection]] = {
    "CUSTOMER_CREATED": ("CustomerCreated", {"user": USER}),
    "ACCOUNT_CONFIRMED": ("AccountConfirmed", {"user": USER}),
    "ORDER_CREATED": ("OrderCreated", {"order": ORDER}),
    "ORDER_CONFIRMED": ("OrderConfirmed", {"order": ORDER}),
    "ORDER_PAID": ("OrderPaid", {"order": ORDER}),
    "ORDER_FULLY_PAID": ("OrderFullyPaid", {"order": ORDER}),
    "APP_DELETED": ("AppDeleted", {"app": APP}),
    "APP_STATUS_CHANGED": ("AppStatusChanged", {"app": APP}),
}
"""By event: its type, and the fields that were seen to be accepted."""


class QueryError(Exception):
    """The query is refused."""


def parse(query: str) -> Selection:
    """Return the selection under ``subscription { event { … } }``."""
    tokens = re.findall(r"\.\.\.|\w+|[{}():,]", query)
    if tokens[:1] != ["subscription"]:
        raise QueryError("no subscription")
    selection, rest = _selection(tokens[1:])
    if rest or set(selection) != {"event"}:
        raise QueryError("no event")
    found: Selection = selection["event"]
    return found


def _selection(tokens: list[str]) -> tuple[Selection, list[str]]:
    if tokens[:1] != ["{"]:
        raise QueryError("a brace is missing")
    tokens, found = tokens[1:], {}
    while tokens and tokens[0] != "}":
        name, tokens = tokens[0], tokens[1:]
        if name == "...":
            name, tokens = f"... on {tokens[1]}", tokens[2:]
        if tokens[:1] == ["("]:
            tokens = tokens[tokens.index(")") + 1 :]
        within = None
        if tokens[:1] == ["{"]:
            within, tokens = _selection(tokens)
        found[name] = within
    return found, tokens[1:]


def check(event: str, query: str) -> None:
    """Refuse a query that selects what was not seen to be accepted."""
    typename, fields = TYPES[event]
    _check(parse(query), {"__typename": None, "issuedAt": None, f"... on {typename}": fields}, event)


def _check(selected: Selection, known: Selection, where: str) -> None:
    for name, within in selected.items():
        if name not in known:
            raise QueryError(f"{where} has no field {name!r}")
        if (within is None) != (known[name] is None):
            raise QueryError(f"{where}.{name}: a selection is missing, or one too many")
        if within is not None:
            _check(within, known[name], f"{where}.{name}")


def payload(event: str, query: str, source: dict[str, Any], issued_at: str) -> dict[str, Any]:
    """Return what a query selects of an event."""
    typename, _ = TYPES[event]
    made: dict[str, Any] = {}
    for name, within in parse(query).items():
        if name == "__typename":
            made[name] = typename
        elif name == "issuedAt":
            made[name] = issued_at
        elif name == f"... on {typename}":
            made.update(_project(within, source))
    return made


def _project(selected: Selection, source: Any) -> Any:
    if isinstance(source, list):
        return [_project(selected, each) for each in source]
    if source is None:
        return None
    return {
        name: source.get(name) if within is None else _project(within, source.get(name))
        for name, within in selected.items()
    }
