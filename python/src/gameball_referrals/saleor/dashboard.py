"""The page inside Saleor's Dashboard: a shell without data, and its parts, each for a verified token only.

The shell is served to any browser: it holds nothing but words and where the instance's Dashboard is, which alone may
embed it. Its script (``assets/app.js``) gets the token from the Dashboard's handshake and asks for the parts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import wraps
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings as django_settings
from django.db import DatabaseError, router, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gameball_referrals.django import operations, outbox
from gameball_referrals.django.admin import connection
from gameball_referrals.django.listening import notify
from gameball_referrals.django.models import Account, Delivery

from . import overview, tenants, tokens
from .keys import RefusedError, UndecidedError
from .keys_form import KeysForm
from .tokens import NotPermittedError, Staff

MAX_FORM: Final = 16 * 1024
ASSETS: Final = {
    "app.js": "text/javascript; charset=utf-8",
    "app.css": "text/css; charset=utf-8",
    "logo.png": "image/png",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {}"
)
THEMES: Final = ("light", "dark")
KNOWN: Final = "Connecting to the Dashboard…"
"""A text of the page, by whose translation a language is told to be there."""

View = Callable[..., HttpResponse]


@xframe_options_exempt
@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Serve the shell to the Dashboard of an instance that has installed the app."""
    instance = tenants.find(request.GET.get("saleorApiUrl"))
    origins = tenants.dashboard_origins(instance.api_url) if instance else []
    theme = request.GET.get("theme")
    with translation.override(_language(request.GET.get("locale"))):
        response = render(
            request,
            "gameball_saleor/app.html",
            {
                "instance": instance,
                "origins": origins,
                "theme": theme if theme in THEMES else "light",
                "language": translation.get_language() or "en",
            },
            status=200 if instance else 404,
        )
    response["Content-Security-Policy"] = POLICY.format(" ".join(origins) or "'none'")
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@xframe_options_exempt
@require_safe
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the page's script and style, and the manifest's logo: from here, wherever the host has its static files."""
    if name not in ASSETS:
        raise Http404
    response = HttpResponse(files(__package__).joinpath("assets", name).read_bytes(), content_type=ASSETS[name])
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, public=True, max_age=300)
    return response


# --- What needs a token -------------------------------------------------------------------------------------------


def for_staff(view: Callable[[HttpRequest, Staff, Account], HttpResponse] | View) -> View:
    """Have a view called for whoever a Dashboard's token says that they are, with their instance's account.

    The token is in a header of its own, which no form of another site can send; cookies are not looked at.
    """

    @never_cache
    @csrf_exempt
    @transaction.non_atomic_requests
    @sensitive_variables()
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language, zone = request.headers.get("Gameball-Locale"), request.headers.get("Gameball-Time-Zone")
        with translation.override(_language(language)), timezone.override(_zone(zone)):
            try:
                staff = tokens.staff_of(
                    request.headers.get("Authorization-Bearer", ""), request.headers.get("Saleor-Api-Url", "")
                )
            except RefusedError as error:
                return _problem(request, 401, "signed_out", f"The Dashboard's token {error}.")
            except NotPermittedError:
                return _problem(request, 403, "not_permitted", "The permission to manage apps is missing.")
            except UndecidedError as error:
                return _problem(request, 503, "undecided", f"The Dashboard's token cannot be verified yet: {error}.")
            try:
                response = view(request, staff, staff.instance.account, *args, **kwargs)
            except DatabaseError:
                return _problem(request, 503, "database", "The database does not answer.")
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return checked


@for_staff
@require_safe
def status(request: HttpRequest, staff: Staff, account: Account) -> HttpResponse:
    """Show how the account fares: what stops its calls and what to do, and what became of the friends."""
    context = overview.status(staff.instance, account, timezone.now())
    return render(request, "gameball_saleor/status.html", context)


@sensitive_post_parameters()
@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def save_keys(request: HttpRequest, staff: Staff, account: Account) -> HttpResponse:
    """Show the form of the keys, and take new ones: they go in and never come out."""
    if request.method != "POST":
        return _form(request, account, KeysForm(instance=account))
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_FORM:
        return _problem(request, 413, "too_large", "That is more than any keys.")
    form = KeysForm(request.POST, instance=account)
    if not form.is_valid():
        # What was refused is not in the row, nor in the answer.
        return _form(request, Account.objects.get(pk=account.pk), form, status=422)
    using = router.db_for_write(Account)
    with transaction.atomic(using=using):
        account = form.save()
        notify(using)
        transaction.on_commit(outbox.wake, using=using, robust=True)
    return _form(request, account, KeysForm(instance=account), saved=True)


@for_staff
@require_POST
def test_connection(request: HttpRequest, staff: Staff, account: Account) -> HttpResponse:
    """Ask Gameball whether the saved keys work."""
    if connection.test(account, timezone.now())["ok"]:
        outbox.wake()
    return _form(request, account, KeysForm(instance=account))


@for_staff
@require_safe
def referrals(request: HttpRequest, staff: Staff, account: Account) -> HttpResponse:
    """Show the referred friends, the latest first, each with its receipt and why."""
    context = overview.referrals(account, request.GET, timezone.now())
    return render(request, "gameball_saleor/referrals.html", context)


@for_staff
@require_safe
def friend(request: HttpRequest, staff: Staff, account: Account) -> HttpResponse:
    """Answer why a friend counts, or doesn't: the dated chain of evidence."""
    context = overview.friend(account, request.GET.get("customer", ""), timezone.now())
    return render(request, "gameball_saleor/friend.html", context)


@for_staff
@require_safe
def deliveries(request: HttpRequest, staff: Staff, account: Account) -> HttpResponse:
    """Show what was sent lately, what waits and what failed, each with its reason."""
    context = overview.deliveries(account, request.GET, timezone.now())
    return render(request, "gameball_saleor/deliveries.html", context)


@for_staff
@require_POST
def replay(request: HttpRequest, staff: Staff, account: Account, pk: int) -> HttpResponse:
    """Have a failed delivery sent again, or one that waits for its next try sent at once."""
    mine = list(
        Delivery.objects.filter(account_id=account.pk, pk=pk).exclude(arguments="").values_list("pk", flat=True)
    )
    operations.retry_now(mine)
    operations.replay(mine)
    return render(request, "gameball_saleor/deliveries.html", overview.deliveries(account, request.GET, timezone.now()))


def _form(
    request: HttpRequest, account: Account, form: KeysForm, *, saved: bool = False, status: int = 200
) -> HttpResponse:
    told = overview.settings(account, timezone.now())
    context = {
        **told,
        "form": form,
        "fields": [(form["api_key"], told["api_key"]), (form["secret_key"], told["secret_key"])],
        "removals": [form[name] for name in form.fields if name.startswith("remove_")],
        "saved": saved,
    }
    return render(request, "gameball_saleor/keys.html", context, status=status)


def _problem(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    response = render(request, "gameball_saleor/problem.html", {"code": code, "detail": detail}, status=status)
    response["Gameball-Problem"] = code
    return response


def _zone(asked: str | None) -> tzinfo:
    """Return the time zone of whoever looks at the page, as their browser names it."""
    try:
        return ZoneInfo((asked or "")[:64])
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return timezone.get_default_timezone()


def _language(asked: str | None) -> str:
    """Return the language to answer in: the Dashboard's, where the page has been translated into it."""
    try:
        found = translation.get_supported_language_variant((asked or "")[:35])
    except LookupError:
        return django_settings.LANGUAGE_CODE
    with translation.override(found):
        # Django itself speaks more languages: dates in one and words in another would help nobody.
        is_known = found.startswith("en") or translation.gettext(KNOWN) != KNOWN
    return found if is_known else django_settings.LANGUAGE_CODE
