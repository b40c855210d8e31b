"""Fact: queries on the primary that nobody has allowed are warned of, and refused in Saleor's own tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections


class UnsafeWriterAccessError(Exception):
    pass


@contextmanager
def allow_writer() -> Iterator[None]:
    connection: Any = connections["default"]
    before = getattr(connection, "allowed", False)
    connection.allowed = True
    try:
        yield
    finally:
        connection.allowed = before


def restrict_writer(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if context["connection"].alias == "default" and not getattr(context["connection"], "allowed", False):
        raise UnsafeWriterAccessError(sql)
    return execute(sql, params, many, context)
