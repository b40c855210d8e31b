"""The shop's pages, and what the tests arrange behind them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from gameball_referrals.django.forms import ReferrerCodeFormMixin
from gameball_referrals.django.models import Delivery, Profile, Referral
from gameball_referrals.django.sender import Sender
from gameball_referrals.testing import Emulator

emulator: Emulator = settings.EMULATOR

# No inline script or style, nothing from elsewhere: what the storefront's parts have to do with.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'"
)

STYLE = """
  :root { color-scheme: light dark; }
  body {
    margin: 0;
    font: 16px/1.5 system-ui, sans-serif;
    color: light-dark(#2b2622, #e9e4de);
    background: light-dark(#faf7f2, #14110f);
  }
  header { padding: 1rem clamp(1rem, 5vw, 3rem); border-bottom: 1px solid light-dark(#e4dccf, #2e2823); }
  main { max-width: 60rem; padding: 1rem clamp(1rem, 5vw, 3rem); }
  .gameball-banner { margin: 1rem clamp(1rem, 5vw, 3rem) 0; }
  form div { margin-bottom: 1rem; }
  label { display: block; }
"""


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return middleware


class SignUpForm(ReferrerCodeFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = get_user_model()
        fields = ("username",)


def page(name: str) -> Callable[[HttpRequest], HttpResponse]:
    return lambda request: render(request, f"{name}.html", dict(request.GET.items()))


def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        assert isinstance(user, User)
        login(request, user)
        return redirect(request.GET.get("next", "/"))
    return render(request, "sign_up.html", {"form": form})


def stylesheet(request: HttpRequest) -> HttpResponse:
    return HttpResponse(STYLE, content_type="text/css")


def naive_script(request: HttpRequest) -> HttpResponse:
    """The vendor's snippet, for whom it names, at once."""
    script = """
      const customer = document.currentScript.dataset.customer;
      window.GbLoadInit = () => GbSdk.init({ APIKey: "public", playerUniqueId: customer });
    """
    return HttpResponse(script, content_type="text/javascript")


def stub_widget(request: HttpRequest) -> HttpResponse:
    """Stand in for the vendor's script: it creates the customer at Gameball, without a code."""
    script = """
      window.GbSdk = {
        init(options) {
          document.body.dataset.widget = JSON.stringify(options);
          fetch("/stub-widget-init/", { method: "POST", body: JSON.stringify(options) })
            .then(() => (document.body.dataset.widgetStarted = "yes"));
        },
      };
      window.GbLoadInit();
    """
    return HttpResponse(script, content_type="text/javascript")


@csrf_exempt
def stub_widget_init(request: HttpRequest) -> HttpResponse:
    """Pass on what the widget's script would send to Gameball itself, which allows other sites' pages to call it."""
    with emulator.client() as client:
        client.create_customer(json.loads(request.body)["playerUniqueId"])
    return HttpResponse(status=204)


@csrf_exempt
def arrange(request: HttpRequest, what: str) -> HttpResponse:
    """Do what a test asks for."""
    return JsonResponse(ARRANGEMENTS[what](request, **json.loads(request.body or "{}")) or {})


def customer(request: HttpRequest, name: str, code: str = "", friends: int = 0) -> None:
    """Sign a customer in, whose code and friends are known."""
    user, _ = User.objects.get_or_create(username=name)
    login(request, user)
    if code:
        Profile.objects.get_or_create(
            customer_id=str(user.pk), defaults={"referral_code": code, "gameball_id": 1, "fetched_at": timezone.now()}
        )
    for number in range(friends):
        Referral.objects.create(
            customer_id=f"friend-{number}", referrer_code=code, receipt="linked", deadline_at=timezone.now()
        )


def deliver(request: HttpRequest) -> None:
    """Deliver what waits, as the worker would."""
    Sender().drain()


def gameball(request: HttpRequest, do: str, **arguments: Any) -> Any:
    """Carry out a control command of the local Gameball."""
    return emulator.control(do, **arguments)


def receipts(request: HttpRequest) -> Any:
    """Tell what became of the referrals, and where the last creation stands."""
    rows = Referral.objects.order_by("pk").values("customer_id", "referrer_code", "receipt", "reason")
    creation = Delivery.objects.filter(operation="createCustomer").order_by("pk").last()
    return {"receipts": list(rows), "creation": creation.state if creation else None}


ARRANGEMENTS: dict[str, Callable[..., Any]] = {
    "customer": customer,
    "deliver": deliver,
    "gameball": gameball,
    "receipts": receipts,
}

urlpatterns = [
    path("", page("home")),
    path("account/", page("account")),
    path("naive/", page("naive")),
    path("sign-up/", sign_up),
    path("shop.css", stylesheet),
    path("naive.js", naive_script),
    path("stub-widget.js", stub_widget),
    path("stub-widget-init/", stub_widget_init),
    path("gameball/", include("gameball_referrals.django.urls")),
    path("_test/<slug:what>/", arrange),
]
