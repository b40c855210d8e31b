"""Paths of attributes, such as ``billing.email``: read from an instance, and followed through models beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models

Reader = Callable[[Any], Any]


def reader(path: str) -> Reader:
    """Return what reads a path's value from an instance; None where something on the way is missing or empty."""
    names = path.split(".")

    def read(value: Any) -> Any:
        for name in names:
            if value is None:
                return None
            if isinstance(value, Mapping):  # of a JSONField
                value = value.get(name)
                continue
            try:
                value = getattr(value, name)
            except ObjectDoesNotExist:
                return None
            if callable(value) and not hasattr(value, "all") and not getattr(value, "alters_data", False):
                value = value()
        return value

    return read


def items_reader(path: str) -> Reader:
    """Return what reads a path's values: related rows, or whatever can be gone through."""
    to_items = reader(path)

    def read(value: Any) -> Any:
        found = to_items(value)
        return found.all() if hasattr(found, "all") else found

    return read


def field_at(model: type[models.Model], path: str) -> Any:
    """Return the field at the end of a path; None where something else is."""
    found: Any = None
    at: Any = model
    for name in path.split("."):
        if not (isinstance(at, type) and issubclass(at, models.Model)):
            return None
        try:
            found = at._meta.pk if name == "pk" else at._meta.get_field(name)
        except FieldDoesNotExist:
            # `user_id` is the column of `user`.
            found = next((each for each in at._meta.concrete_fields if each.attname == name), None)
            if found is None:
                return None
            at = None
        else:
            at = found.related_model
    return found


def foreign_part(model: type[models.Model], path: str) -> str:
    """Return the part of a path that follows foreign keys, as ``select_related`` takes it."""
    at: Any = model
    names: list[str] = []
    for name in path.split("."):
        try:
            field = at._meta.get_field(name)
        except FieldDoesNotExist:
            break
        if not (field.many_to_one or field.one_to_one) or not field.concrete:
            break
        names.append(name)
        at = field.related_model
    return "__".join(names)


def is_column(model: type[models.Model], path: str) -> bool:
    """Tell whether a path is one that a query can follow."""
    field = field_at(model, path.replace("__", "."))
    return field is not None and bool(getattr(field, "concrete", False)) and not field.many_to_many


def _steps(model: type[models.Model]) -> dict[str, type[models.Model] | None]:
    """Return where the model's declared attributes lead: to a model, or to a value."""
    steps: dict[str, Any] = {"pk": None}
    for field in model._meta.get_fields():
        if field.auto_created and not field.concrete:
            steps[str(getattr(field, "get_accessor_name", str)())] = field.related_model
        else:
            steps[getattr(field, "attname", field.name)] = None
            steps[field.name] = field.related_model
    return steps


def related(model: type[models.Model], path: str) -> type[models.Model] | None:
    """Return the model at the end of a path, if the models declare it."""
    at: Any = model
    for name in path.split("."):
        at = _steps(at).get(name) if at is not None else None
    return at if isinstance(at, type) else None


def missing(model: type[models.Model], path: str, *, many: bool = False) -> str | None:
    """Tell which step of a path cannot be gone, and what can instead; None if nothing speaks against it.

    ``many``: the last step leads to several rows.
    """
    at: Any = model
    names = path.split(".")
    for nth, name in enumerate(names, 1):
        if at is None:
            break  # beyond what the models declare
        steps = _steps(at)
        if name not in steps and not hasattr(at, name):
            return f"{at._meta.label} has no {name!r}. {suggestion(name, sorted(steps))}"
        if name in _to_many(at) and not (many and nth == len(names)):
            return f"{at._meta.label}.{name} are many; use a callable that takes the one that counts."
        at = steps.get(name)
    return None


def _to_many(model: type[models.Model]) -> set[str]:
    return {
        str(getattr(field, "get_accessor_name", lambda field=field: field.name)())
        for field in model._meta.get_fields()
        if field.one_to_many or field.many_to_many
    }


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return what somebody may have meant by a name that isn't known."""
    known = list(known)
    close = get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(known)}."
