"""The setting ``ORDERS``: a shop's own order model, declared instead of coded.

::

    "ORDERS": {
        "model": "shop.Order",
        "customer": "user",              # to the user model; empty for guests
        "email": "email",                # without it, guests' orders are not sent
        "date": "placed_at",
        "total_paid": "total",
        "paid": {"status": ["paid", "shipped"]},
        "line_items": {"items": "lines", "product_id": "product.pk", "quantity": "quantity", "price": "price"},
    }

A value is a path of attributes, with dots (``"billing.email"``; methods without arguments are called), or a callable
that takes the instance, itself or by its dotted path (``"shop.gameball.total_of"``). ``paid`` is a path whose value
says yes (``"paid_at"``), such a callable, or the values that fields must have.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.signals import setting_changed
from django.db import models, router
from django.utils import timezone
from django.utils.module_loading import import_string

from gameball_referrals import InvalidArgumentError
from gameball_referrals.models import LineItem

from . import conf, paths
from .paths import Reader

REQUIRED: Final = ("model", "date", "total_paid", "paid")
VALUES: Final = (
    "id", "customer", "email", "mobile", "date", "total_paid", "total_price", "total_discount", "total_shipping",
    "total_tax", "channel", "cart_id", "extra", "referrer_code",
)  # fmt: skip
CHANNELS: Final = ("mobile", "pos", "web", "callcenter")
LINE_VALUES: Final = tuple(field.name for field in fields(LineItem))


@dataclass(frozen=True)
class Problem:
    """What is wrong with a mapping, and what to do."""

    message: str
    hint: str


class OrderMapping:
    """One mapped model.

    Args:
        given: the mapping as in the settings.
        place: where it stands there, for messages.

    """

    def __init__(self, given: Any, place: str) -> None:
        self.place = place
        self.problems: list[Problem] = []
        self.doubts: list[Problem] = []
        """What can work, and probably isn't meant."""
        self.values: dict[str, Reader] = {}
        self.line_values: dict[str, Reader] = {}
        self.items: Reader | None = None
        self.paid: Reader = bool
        self.paid_query: models.Q | None = None
        """What selects paid orders; None where only Python can tell."""
        self._paid_fields: frozenset[str] | None = None
        self._paths: dict[str, str] = {}
        self._customer_key: Reader | None = None
        if not isinstance(given, Mapping):
            self._wrong("is no dict", "Write a dict with " + ", ".join(map(repr, REQUIRED)) + ".")
            return
        self._read(given)

    @property
    def usable(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.problems

    @property
    def model(self) -> type[models.Model]:
        """The model."""
        return self._model

    @property
    def date_query(self) -> str | None:
        """The order's date as a field lookup; None where only Python can tell."""
        path = self._paths.get("date")
        return path.replace(".", "__") if path and paths.is_column(self._model, path) else None

    def queryset(self) -> models.QuerySet[Any]:
        """Return the model's rows, with what the mapping reads of other tables fetched along."""
        rows: models.QuerySet[Any] = self._model._base_manager.using(router.db_for_write(self._model)).all()
        scalar = [path for name, path in self._paths.items() if not name.startswith("line_items.")]
        related = sorted({paths.foreign_part(self._model, path) for path in scalar} - {""})
        items = self._paths.get("line_items.items")
        if items and paths.related(self._model, items) is not None:
            rows = rows.prefetch_related(items.replace(".", "__"))
        return rows.select_related(*related) if related else rows

    def is_paid(self, order: Any) -> bool:
        """Tell whether an order is paid now."""
        return bool(self.paid(order))

    def may_be_paid_by(self, update_fields: Collection[str] | None) -> bool:
        """Tell whether a save of these fields can have made an order paid."""
        if update_fields is None or self._paid_fields is None:
            return True
        return not self._paid_fields.isdisjoint(update_fields)

    def read(self, order: Any) -> dict[str, Any]:
        """Return the arguments of ``track_order`` as the mapping has them."""
        arguments = {name: reader(order) for name, reader in self.values.items()}
        if any(hasattr(value, "resolve_expression") for value in arguments.values()):
            # Such as `F("total") + 1`, of which only the database knows the value.
            fresh = self._model._base_manager.using(order._state.db).get(pk=order.pk)
            arguments = {name: reader(fresh) for name, reader in self.values.items()}
        arguments["order_date"] = _moment(arguments.pop("date"))
        customer = arguments.get("customer")
        if isinstance(customer, models.Model) and not isinstance(customer, get_user_model()):
            raise InvalidArgumentError("is no user; let the mapping's path end at the user", field="customer")
        if customer is None or customer == "":
            arguments.update(customer=None, guest=True)
        elif isinstance(customer, get_user_model()):
            arguments.pop("email", None)  # a user's is the adapter's business
        if self.items is not None:
            arguments["line_items"] = [
                {name: reader(item) for name, reader in self.line_values.items()} for item in self.items(order) or ()
            ] or None
        return {name: value for name, value in arguments.items() if value is not None and value != ""}

    def is_dated_by_day(self, order: Any) -> bool:
        """Tell whether all that is known is the day on which it was placed."""
        value = self.values["date"](order)
        return isinstance(value, date) and not isinstance(value, datetime)

    def is_of_unknown_guest(self, order: Any) -> bool:
        """Tell whether a guest placed it, and the mapping doesn't say where their e-mail address is."""
        return "email" not in self.values and self.is_of_guest(order)

    def is_of_guest(self, order: Any) -> bool:
        """Tell whether somebody without an account placed it; it doesn't load whom a foreign key names."""
        return self._customer_key is None or self._customer_key(order) in (None, "")

    def _read(self, given: Mapping[Any, Any]) -> None:
        known = ("model", "paid", "line_items", *VALUES)
        for name in given:
            if name not in known:
                self._wrong(f"has the unknown key {name!r}", paths.suggestion(str(name), known))
        for name in REQUIRED:
            if not given.get(name):
                self._wrong(f"lacks {name!r}", "See the guide for what each key means.")
        if not (given.get("customer") or given.get("email")):
            self._wrong("has neither 'customer' nor 'email'", "Say where an order's user is, or a guest's address.")
        try:
            model = apps.get_model(given["model"]) if isinstance(given.get("model"), str) else given.get("model")
        except (LookupError, ValueError):
            model = None
        if not (isinstance(model, type) and issubclass(model, models.Model)):
            self._wrong(f"names no model: {given.get('model')!r}", "Write 'app_label.ModelName' of an installed app.")
            return
        self._model = model
        for name in VALUES:
            source = given.get(name, "pk" if name == "id" else None)
            if name == "channel" and source in CHANNELS:
                self.values[name] = _constant(source)
            elif source is not None:
                reader = self._reader(source, name, self._model)
                if reader is not None:
                    self.values[name] = reader
        self._customer_key = self.values.get("customer")
        if "customer" in self._paths:
            self._customer_key = _key_reader(self._paths["customer"], self._field("customer")) or self._customer_key
        self._check_kinds()
        self._read_paid(given.get("paid"))
        self._read_items(given.get("line_items"))

    def _read_paid(self, paid: Any) -> None:
        if isinstance(paid, Mapping):
            query = models.Q()
            wanted: list[tuple[Reader, tuple[Any, ...]]] = []
            columns = True
            for path, value in paid.items():
                reader = self._reader(path, "paid", self._model)
                if reader is None:
                    return
                values = tuple(value) if isinstance(value, (list, tuple, set, frozenset)) else (value,)
                field = paths.field_at(self._model, str(path).replace("__", "."))
                try:
                    values = tuple(_as_read(field, each) for each in values)
                except ValidationError:
                    self._wrong(
                        f"'paid' waits for {path!r} to be {value!r}, which a {type(field).__name__} never is",
                        "Write the values as they are stored.",
                    )
                    return
                wanted.append((_key_reader(str(path).replace("__", "."), field) or reader, values))
                columns = columns and paths.is_column(self._model, str(path))
                lookup = str(path).replace(".", "__")
                some = models.Q(**{f"{lookup}__in": [each for each in values if each is not None]})
                query &= some | models.Q(**{f"{lookup}__isnull": True}) if None in values else some
            self.paid = lambda order: all(reader(order) in values for reader, values in wanted)
            self.paid_query = query if columns else None
            self._paid_fields = self._own_fields([str(path) for path in paid])
        elif paid:
            reader = self._reader(paid, "paid", self._model)
            if reader is None:
                return
            self.paid = reader
            path = self._paths.get("paid")
            if path is None:
                return
            self._paid_fields = self._own_fields([path])
            if isinstance(paths.field_at(self._model, path), (models.CharField, models.TextField)):
                self.doubts.append(
                    Problem(
                        f"{self.place} takes every order for paid whose {path!r} is not empty, whatever it says.",
                        f"Write which values mean paid: 'paid': {{{path!r}: ['paid', …]}}; or a callable, if any does.",
                    )
                )
            if paths.is_column(self._model, path):
                lookup = path.replace(".", "__")
                field = paths.field_at(self._model, path)
                is_flag = isinstance(field, models.BooleanField)
                self.paid_query = models.Q(**({lookup: True} if is_flag else {f"{lookup}__isnull": False}))

    def _read_items(self, given: Any) -> None:
        if not given:
            return
        if not isinstance(given, Mapping) or not given.get("items"):
            self._wrong("has 'line_items' without 'items'", "Write {'items': 'lines', 'product_id': …, 'price': …}.")
            return
        self.items = self._reader(given["items"], "line_items.items", self._model, many=True)
        path = self._paths.get("line_items.items")
        lines = paths.related(self._model, path) if path else None
        for name, source in given.items():
            if name == "items":
                continue
            if name not in LINE_VALUES:
                self._wrong(f"has the unknown key 'line_items.{name}'", paths.suggestion(str(name), LINE_VALUES))
                continue
            reader = self._reader(source, f"line_items.{name}", lines)
            if reader is not None:
                self.line_values[name] = reader

    def _reader(self, source: Any, name: str, model: type[models.Model] | None, *, many: bool = False) -> Reader | None:
        """Return what reads a value; None, and a problem, where nothing can."""
        if callable(source):
            return source  # type: ignore[no-any-return]
        if not isinstance(source, str):
            self._wrong(f"{name!r} is neither a path nor a callable: {source!r}", "Write the path of an attribute.")
            return None
        path = source.replace("__", ".")
        wrong = paths.missing(model, path, many=many) if model else None
        if model is None or wrong is None:
            self._paths[name] = path
            return paths.items_reader(path) if many else paths.reader(path)
        if "." in source:
            try:
                found = import_string(source)
            except ImportError:
                found = None
            if callable(found):
                return found  # type: ignore[no-any-return]
        self._wrong(f"{name!r} leads nowhere: {source!r}", wrong)
        return None

    def _check_kinds(self) -> None:
        for name in ("total_paid", "total_price", "total_discount", "total_shipping", "total_tax"):
            if isinstance(self._field(name), models.FloatField):
                self._wrong(
                    f"{name!r} is a FloatField, which cannot hold an exact amount",
                    "Use a DecimalField, or a callable that returns a Decimal.",
                )
        when = self._field("date")
        if when is not None and not isinstance(when, models.DateField):
            self._wrong(f"'date' is a {type(when).__name__}", "Name a DateTimeField, or a callable.")
        customer = self._field("customer")
        if customer is not None and customer.is_relation:
            target: Any = customer.related_model
            if not issubclass(target, get_user_model()._meta.concrete_model or ()):
                self._wrong(
                    f"'customer' ends at {target._meta.label}, which is no user",
                    "Let the path go on to the user, such as 'customer.user'.",
                )

    def _field(self, name: str) -> Any:
        path = self._paths.get(name)
        return paths.field_at(self._model, path) if path else None

    def _own_fields(self, leading: Iterable[str]) -> frozenset[str] | None:
        """Return the model's own fields that paths stand for; None if they lead further, or to no fields."""
        names: set[str] = set()
        for path in leading:
            field = paths.field_at(self._model, path.replace("__", "."))
            if field is None or not getattr(field, "concrete", False) or field.model not in self._model.__mro__:
                return None
            names |= {field.name, field.attname}
        return frozenset(names)

    def _wrong(self, message: str, hint: str) -> None:
        self.problems.append(Problem(f"{self.place} {message}.", hint))


_predefined: list[tuple[str, Callable[[], Mapping[str, Any]]]] = []


def predefine(place: str, given: Callable[[], Mapping[str, Any]]) -> None:
    """Add the mapping of a known shop system; one in the settings for the same model goes before it."""
    if all(known != place for known, _ in _predefined):
        _predefined.append((place, given))
    all_mappings.cache_clear()


@lru_cache(maxsize=1)
def all_mappings() -> tuple[OrderMapping, ...]:
    """Return the mappings of the settings, and the predefined ones, with those that cannot be used."""
    given = conf.get().ORDERS
    name = f"{conf.NAME}['ORDERS']"
    found: list[OrderMapping] = []
    if isinstance(given, (list, tuple)):
        found += [OrderMapping(each, f"{name}[{index}]") for index, each in enumerate(given)]
    elif given:
        found.append(OrderMapping(given, name))
    mapped = {each.model for each in found if each.usable}
    for place, predefined in _predefined:
        mapping = OrderMapping(predefined(), place)
        if not mapping.usable or mapping.model not in mapped:
            found.append(mapping)
    return tuple(found)


def mappings() -> list[OrderMapping]:
    """Return the mappings of the settings that can be used."""
    return [each for each in all_mappings() if each.usable]


def _forget(*, setting: str, **_: Any) -> None:
    if setting == conf.NAME:
        all_mappings.cache_clear()


setting_changed.connect(_forget, dispatch_uid="gameball_referrals.mapping")


def _as_read(field: Any, value: Any) -> Any:
    """Return a value of the setting as the reader of its field finds it in an order.

    Raises:
        ValidationError: the field cannot have it.

    """
    if isinstance(value, models.Model):
        value = getattr(value, field.target_field.attname) if _is_reference(field) else value.pk
    if value is None or not isinstance(field, models.Field) or field.many_to_many:
        return value
    return field.to_python(value)


def _key_reader(path: str, field: Any) -> Reader | None:
    """Return what reads the key that a foreign key holds, which costs no query; None for all else."""
    if not _is_reference(field) or path.split(".")[-1] != field.name:
        return None
    return paths.reader(path[: -len(field.name)] + field.attname)


def _is_reference(field: Any) -> bool:
    return isinstance(field, models.ForeignKey)


def _constant(value: Any) -> Reader:
    return lambda order: value


def start_of_day(moment: datetime) -> datetime:
    """Return when the day began, as a date without a time is read."""
    day: datetime = _moment(timezone.localdate(moment, timezone.get_default_timezone()))
    return day


def _moment(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if isinstance(value, datetime) and timezone.is_naive(value):
        return timezone.make_aware(value, timezone.get_default_timezone())
    return value
