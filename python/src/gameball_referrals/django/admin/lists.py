"""Lists that cost the same however many rows there are: bounded counts, indexed orders, exact searches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from gameball_referrals.django.models import Account

if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
else:
    Admin = admin.ModelAdmin

COUNTED = 1_000
"""How far rows are counted, and paged through; beyond it one filters or searches."""


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than :data:`COUNTED`."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, or :data:`COUNTED` for as many and more."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by().values("pk")[:COUNTED].count()

    @property
    def capped(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count >= COUNTED


class IndexedChangeList(ChangeList):
    """A list in the order its admin gives, whatever the URL asks for."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Return the admin's order; a column of somebody's choice has no index."""
        return list(self.model_admin.get_ordering(request))


class ReadOnlyAdmin(Admin):
    """A list and pages to look at: what is done goes through ``operations``, never through a form or a delete."""

    paginator = BoundedPaginator
    show_full_result_count = False
    if hasattr(admin, "ShowFacets"):  # Django 4.2 has none
        show_facets = admin.ShowFacets.NEVER
    list_max_show_all = 0
    list_per_page = 50
    sortable_by = ()
    # Makes the search box appear; `get_search_results` does the searching.
    search_fields = ("pk",)
    list_select_related = False

    class Media:
        """The look."""

        css = {"all": ("gameball/admin.css",)}  # noqa: RUF012
        js = ("gameball/admin.js",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Add nothing: the shop's own events write rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Edit nothing. Actions ask ``has_operate_permission``."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Delete nothing: a row that is gone could be written again, and would count twice."""
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether this user may act on rows: the model's change permission."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list's class."""
        return IndexedChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse conditions of a URL's own: they are slow, and could guess at a body letter by letter."""
        return lookup in {spec.parameter_name for spec in self.list_filter}  # type: ignore[union-attr]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find exact ids, each by its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        # One query an index: a single one joined by OR is answered by a scan on some databases.
        found: set[int] = set()
        for condition in self.search_conditions(request, term):
            found.update(self.model._default_manager.filter(condition).values_list("pk", flat=True)[:COUNTED])
        return queryset.filter(pk__in=found), False

    def search_conditions(self, request: HttpRequest, term: str) -> Iterable[Q]:
        """Return the indexed conditions by which a term is looked for."""
        raise NotImplementedError


def account_keys(request: HttpRequest) -> list[str]:
    """Return all accounts' names, read once a request: with them a query can use the indexes that begin with one."""
    keys: list[str] | None = getattr(request, "_gameball_accounts", None)
    if keys is None:
        keys = list(Account.objects.order_by("pk").values_list("pk", flat=True))
        request._gameball_accounts = keys  # type: ignore[attr-defined]
    return keys


class AccountFilter(admin.SimpleListFilter):
    """By account, where there are several."""

    title = Account._meta.verbose_name
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the accounts; a single one is no choice."""
        keys = account_keys(request)
        return [(key, key) for key in keys] if len(keys) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to one account."""
        return queryset.filter(account_id=self.value()) if self.value() else queryset
