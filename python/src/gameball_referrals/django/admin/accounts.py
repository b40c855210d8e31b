"""Accounts in the admin: keys, whether they work, and what is held."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from gameball_referrals import vault
from gameball_referrals.courier import key_environment
from gameball_referrals.django import conf, outbox
from gameball_referrals.django.listening import notify
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Account, Delivery, Profile, Referral
from gameball_referrals.exceptions import ConfigurationError

from . import connection, health, links, show
from .account_form import AccountForm
from .health import Health
from .waiting import alerts

if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Account]
else:
    Admin = admin.ModelAdmin

_ENVIRONMENTS: dict[str, tuple[Any, show.Tone]] = {
    "test": (gettext_lazy("test data"), "warn"),
    "live": (gettext_lazy("live data"), "good"),
}

_ORIGINS = {
    "admin": gettext_lazy("saved here"),
    "settings": gettext_lazy("from the settings"),
    "environment": gettext_lazy("from the environment"),
}


@admin.register(Account)
class AccountAdmin(Admin):
    """Gameball accounts; most shops have one."""

    form = AccountForm
    list_display = ("name", "enabled", "api_key", "data", "version", "condition", "tested")
    ordering = ("key",)
    sortable_by = ()
    actions = None
    change_form_template = "admin/gameball/account/change_form.html"

    class Media:
        """The look."""

        css = {"all": ("gameball/admin.css",)}  # noqa: RUF012
        js = ("gameball/admin.js",)

    # --- Who may ----------------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Keep the default account, and every account whose deliveries or referrals are kept."""
        if not super().has_delete_permission(request, obj):
            return False
        if obj is None:
            return True
        if obj.pk == DEFAULT_ACCOUNT:
            return False
        return not any(
            model._default_manager.filter(account_id=obj.pk).exists() for model in (Delivery, Referral, Profile)
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse conditions of a URL's own: they could guess at a sealed key letter by letter."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> tuple[str, ...]:
        """Fix the name once it is given: deliveries refer to it, and sealed keys are bound to it."""
        return ("key",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Leave the name of a new account to whoever adds it; the default one exists."""
        return {"key": ""}

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        """Return the form's parts; somebody who may only look gets no fields for keys."""
        connection_fields = ("api_version", "high_security", "base_url")
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("key", "enabled")}), (_("Connection"), {"fields": connection_fields})]
        keys = [
            (name, f"remove_{name}") if obj is not None and getattr(obj, f"{name}_fingerprint") else name
            for name in ("api_key", "secret_key")
        ]
        return [
            (None, {"fields": ("key", "enabled")}),
            (_("Keys"), {"fields": tuple(keys)}),
            (_("Connection"), {"fields": connection_fields}),
        ]

    # --- The list ---------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("name"))
    def name(self, account: Account) -> str:
        """Name the account."""
        return account.key

    @admin.display(description=gettext_lazy("API key"))
    def api_key(self, account: Account) -> SafeString:
        """Show the key's fingerprint, and where it comes from."""
        return _key(account, "api_key")

    @admin.display(description=gettext_lazy("data"))
    def data(self, account: Account) -> SafeString:
        """Show whether the key is for test or live data."""
        return _environment(account)

    @admin.display(description=gettext_lazy("version"))
    def version(self, account: Account) -> str:
        """Show the API's version."""
        return _version(account)

    @admin.display(description=gettext_lazy("state"))
    def condition(self, account: Account) -> SafeString:
        """Show whether anything stops the account's calls."""
        now = timezone.now()
        for alert in alerts(health.of(account, now), now):
            if alert.about != "paused":
                return show.badge(alert.briefly, alert.tone)
        return show.badge(_("ready"), "good")

    @admin.display(description=gettext_lazy("last test"))
    def tested(self, account: Account) -> SafeString:
        """Show the last test's outcome and date."""
        if not account.last_check:
            return show.badge(_("never tested"), "quiet")
        ok = bool(account.last_check.get("ok"))
        at = connection.tested_at(account.last_check)
        outcome = show.badge(_("works") if ok else _("does not work"), "good" if ok else "bad")
        return format_html("{} {}", outcome, show.moment(at, timezone.now(), brief=True))

    # --- One account ------------------------------------------------------------------------------------------

    @method_decorator(sensitive_post_parameters("api_key", "secret_key"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep keys out of error reports."""
        return super().changeform_view(request, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the keys in use, the last test, and what is held."""
        account: Account | None = kwargs.get("obj")
        if account is not None:
            # A form that was refused has left its values in the instance.
            stored = Account.objects.filter(pk=account.pk).first() or account
            context["gb"] = self._panel(request, stored, timezone.now())
        context["gb_can_test"] = account is None or self.has_change_permission(request, account)
        return super().render_change_form(request, context, *args, **kwargs)

    def _panel(self, request: HttpRequest, account: Account, now: datetime) -> dict[str, Any]:
        condition = health.of(account, now)
        return {
            "keys": [
                (_("API key"), format_html("{} {}", _key(account, "api_key"), _environment(account))),
                (_("Secret key"), _key(account, "secret_key")),
                (_("Base URL"), _base_url(account)),
                (_("API version"), _version(account)),
                (_("High Security Mode"), _("on") if account.high_security or conf.get().HIGH_SECURITY else _("off")),
            ],
            "alerts": _alerts(condition, now),
            "test": _test(account, now),
            "test_url": links.account(account.pk, "test") if self.has_change_permission(request, account) else "",
        }

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Save; what waits for these keys goes out at once."""
        super().save_model(request, obj, form, change)
        notify(router.db_for_write(Account))
        transaction.on_commit(outbox.wake, robust=True)

    def response_add(self, request: HttpRequest, obj: Account, post_url_continue: str | None = None) -> HttpResponse:
        """Test the connection, too, where that was asked for."""
        return self._test_too(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Account) -> HttpResponse:
        """Test the connection, too, where that was asked for."""
        return self._test_too(request, obj) or super().response_change(request, obj)

    def _test_too(self, request: HttpRequest, account: Account) -> HttpResponse | None:
        if "_save_and_test" not in request.POST:
            return None
        # After the commit: no transaction waits for the network, and the row has the keys that are tested.
        transaction.on_commit(lambda: self._test(request, account), robust=True)
        return HttpResponseRedirect(links.account(account.pk))

    # --- Test connection --------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Add what *Test connection* posts to."""
        test = self.admin_site.admin_view(self.test_view)
        return [path("<path:object_id>/test/", test, name="gameball_account_test"), *super().get_urls()]

    def test_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask Gameball whether the saved keys work."""
        if request.method != "POST":
            # Somebody had to sign in again in between.
            return HttpResponseRedirect(links.account(unquote(object_id)))
        account: Account | None = self.get_object(request, unquote(object_id))
        if account is None:
            raise Http404
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        self._test(request, account)
        return HttpResponseRedirect(links.account(account.pk))

    def _test(self, request: HttpRequest, account: Account) -> None:
        result = connection.test(account, timezone.now())
        said, advice = connection.answer(result)
        self.message_user(request, " ".join([said, *advice]), messages.SUCCESS if result["ok"] else messages.ERROR)
        if result["ok"]:
            outbox.wake()


def _key(account: Account, name: str) -> SafeString:
    """Show a key's fingerprint and origin."""
    if account.api_key_sealed:
        value, origin = getattr(account, f"{name}_fingerprint"), "admin"
    elif account.pk == DEFAULT_ACCOUNT:
        given = getattr(conf.get(), name.upper())
        value = vault.fingerprint(given) if given else ""
        origin = conf.origin(name.upper()) or "settings"
    else:
        value, origin = "", ""
    if not value:
        return show.badge(_("none"), "quiet")
    return format_html('{} <span class="gb-quiet">{}</span>', show.fingerprint(value), _ORIGINS[origin])


def _environment(account: Account) -> SafeString:
    environment = account.environment
    if not account.api_key_sealed and account.pk == DEFAULT_ACCOUNT:
        environment = key_environment(conf.get().API_KEY or "")
    known = _ENVIRONMENTS.get(environment)
    return show.badge(*known) if known else SafeString("")


def _version(account: Account) -> str:
    return account.api_version or conf.get().API_VERSION or "v4.0"


def _base_url(account: Account) -> Any:
    url = account.base_url or conf.get().BASE_URL
    return url or _("Gameball itself")


def _alerts(condition: Health, now: datetime) -> list[dict[str, Any]]:
    """Tell what stops calls of this account; the advice links to nothing, for it would be this page."""
    return [
        {"tone": one.tone, "title": one.title, "text": one.why, "advice": [{"text": do.text} for do in one.advice]}
        for one in alerts(condition, now)
    ]


def _test(account: Account, now: datetime) -> dict[str, Any] | None:
    result = account.last_check
    if not result:
        return None
    said, advice = connection.answer(result)
    return {
        "ok": bool(result.get("ok")),
        "said": said,
        "advice": advice,
        "at": show.moment(connection.tested_at(result), now),
        "stale": _stale(account, result),
    }


def _stale(account: Account, result: dict[str, Any]) -> bool:
    """Tell whether the test was made with other keys, or another address, than today's."""
    tested = result.get("credentials")
    if not tested:
        return False
    try:
        return bool(tested != health.credentials_fingerprint(account))
    except ConfigurationError:
        return True
