"""The filters of the list of deliveries.

Two of them have an index each: the state, and the call with its date. Where both are chosen, the one that narrows more
leads: its order is the list's. SQLite, which has no statistics, has to be told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Literal

from django.contrib import admin
from django.db import connections
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gameball_referrals.django.models import Delivery

from . import texts

STATE = "state"
CALL = "call"
ERROR = "error"
SINCE = "since"

_FREQUENT_CALLS = ("createCustomer", "trackOrder")


def leading(request: HttpRequest) -> Literal["state", "call"]:
    """Tell whose index is to be used: that of the states, or that of calls and dates."""
    state = request.GET.get(STATE)
    if state == Delivery.State.APPLIED:
        # Nearly all are.
        call = request.GET.get(CALL)
        return "call" if request.GET.get(SINCE) or (call and call not in _FREQUENT_CALLS) else "state"
    return "state" if state or request.GET.get(ERROR) else "call"


def _row_by_row(queryset: QuerySet[Delivery], column: str, lookup: str, value: Any) -> QuerySet[Delivery]:
    """Compare a column that does not lead; on SQLite so that its index is not used."""
    if connections[queryset.db].vendor != "sqlite":
        return queryset.filter(**{f"{column}{lookup}": value})
    name = f"compared_{column}"
    return queryset.alias(**{name: Coalesce(column, Value(value))}).filter(**{f"{name}{lookup}": value})


class StateFilter(admin.SimpleListFilter):
    """By where the delivery stands."""

    title = _("state")
    parameter_name = STATE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the states."""
        return list(Delivery.State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Narrow to one state."""
        if self.value() not in Delivery.State.values:
            return queryset
        if leading(request) == "state":
            return queryset.filter(state=self.value())
        return _row_by_row(queryset, "state", "", self.value())


class CallFilter(admin.SimpleListFilter):
    """By what the delivery tells Gameball."""

    title = _("call")
    parameter_name = CALL

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the operations."""
        return [(operation, str(words).capitalize()) for operation, words in texts.OPERATIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Narrow to one operation."""
        if self.value() not in texts.OPERATIONS:
            return queryset
        if leading(request) == "call":
            return queryset.filter(operation=self.value())
        return _row_by_row(queryset, "operation", "", self.value())


class ErrorFilter(admin.SimpleListFilter):
    """By what went wrong last with deliveries that wait or failed; what was delivered in the end is no error."""

    title = _("error")
    parameter_name = ERROR

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the kinds of errors."""
        return list(texts.KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Narrow to one kind."""
        if self.value() not in texts.KINDS:
            return queryset
        open_or_failed = (Delivery.State.PENDING, Delivery.State.IN_FLIGHT, Delivery.State.DEAD)
        return queryset.filter(state__in=open_or_failed, error_kind=self.value())


class SinceFilter(admin.SimpleListFilter):
    """By when the delivery was written."""

    title = _("date")
    parameter_name = SINCE
    spans: ClassVar = {
        "hour": (_("Past hour"), timedelta(hours=1)),
        "day": (_("Past 24 hours"), timedelta(days=1)),
        "week": (_("Past 7 days"), timedelta(days=7)),
        "month": (_("Past 30 days"), timedelta(days=30)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the spans."""
        return [(name, words) for name, (words, _span) in self.spans.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Narrow to what is younger."""
        chosen = self.spans.get(self.value() or "")
        if chosen is None:
            return queryset
        since = timezone.now() - chosen[1]
        if leading(request) == "state":
            return _row_by_row(queryset, "created_at", "__gte", since)
        # The index begins with the call.
        return queryset.filter(operation__in=list(texts.OPERATIONS), created_at__gte=since)


def ordering(request: HttpRequest) -> list[str]:
    """Return the order, newest first, that the leading index gives."""
    if leading(request) == "call":
        return ["-created_at", "-id"] if request.GET.get(CALL) else ["-id"]
    return ["-settled_at", "-id"] if request.GET.get(STATE) in Delivery.SETTLED else ["-id"]
