"""Inserts in the request: what Django's ``bulk_create(ignore_conflicts=True)`` does, with its SQL built only once.

Building it takes several times as long as carrying it out, and it never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connections, models
from django.db.models.constants import OnConflict


@dataclass(frozen=True)
class _Statement:
    """How one model is inserted on one kind of database."""

    head: str
    row: str
    tail: str
    fields: tuple[tuple[str, Any], ...]
    """Each column's attribute and field."""
    usual: dict[str, tuple[Any, Any]]
    """Defaults by attribute, as they are and as the database takes them."""


def insert_or_ignore(rows: Sequence[models.Model], *, using: str) -> None:
    """Insert rows of one model, in their order, with one statement; those whose unique key is taken are left out.

    The model's fields must do nothing on save (``auto_now`` and its like). The rows don't learn their primary keys.
    """
    if not rows:
        return
    connection = connections[using]
    statement = _statement(using, type(rows[0]))
    values = [_adapted(statement, row, name, field, connection) for row in rows for name, field in statement.fields]
    sql = f"{statement.head}{', '.join([statement.row] * len(rows))}{statement.tail}"
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _adapted(statement: _Statement, row: models.Model, name: str, field: Any, connection: Any) -> Any:
    value = getattr(row, name)
    usual = statement.usual.get(name)
    if usual is not None and usual[0] == value:
        return usual[1]
    return field.get_db_prep_save(value, connection)


@lru_cache(maxsize=16)
def _statement(using: str, model: type[models.Model]) -> _Statement:
    connection = connections[using]
    ops = connection.ops
    fields = [field for field in model._meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(ops.quote_name(str(field.column)) for field in fields)
    begin = ops.insert_statement(on_conflict=OnConflict.IGNORE)
    tail = ops.on_conflict_suffix_sql(fields, OnConflict.IGNORE, [], [])
    usual = {
        field.attname: (field.get_default(), field.get_db_prep_save(field.get_default(), connection))
        for field in fields
        if not field.has_default() or not callable(field.default) or field.default in (list, dict)
    }
    return _Statement(
        head=f"{begin} {ops.quote_name(model._meta.db_table)} ({columns}) VALUES ",
        row=f"({', '.join(['%s'] * len(fields))})",
        tail=f" {tail}" if tail else "",
        fields=tuple((field.attname, field) for field in fields),
        usual=usual,
    )
