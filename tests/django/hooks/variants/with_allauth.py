"""django-allauth: its own sign-up form, and a sign-up by an identity provider."""

from __future__ import annotations

import json

from shop_of import set_up

set_up(
    "django.contrib.sites",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    SITE_ID=1,
    ROOT_URLCONF="allauth.urls",
    ACCOUNT_EMAIL_VERIFICATION="none",
    LOGIN_REDIRECT_URL="/login/",
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
        "gameball_referrals.django.middleware.ReferralCaptureMiddleware",
    ],
)

from allauth.socialaccount.models import SocialAccount, SocialLogin  # noqa: E402
from django.contrib.auth.models import AnonymousUser, User  # noqa: E402
from django.contrib.messages.storage.fallback import FallbackStorage  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from gameball_referrals import ClaimSigner  # noqa: E402
from gameball_referrals.django import accounts, context  # noqa: E402
from gameball_referrals.django.models import Delivery, Referral  # noqa: E402

client = Client()
client.get("/login/?ref=ANNA1")
form = {"username": "bo", "email": "bo@example.com", "password1": "sd8f7s6d5f", "password2": "sd8f7s6d5f"}
assert client.post("/signup/", form).status_code == 302
user = User.objects.get()
referral = Referral.objects.get()
assert (referral.customer_id, referral.referrer_code) == (str(user.pk), "ANNA1")
body = json.loads(Delivery.objects.get().arguments)
assert (body["email"], body["referrerCode"]) == ("bo@example.com", "ANNA1")

request = RequestFactory().get("/")
request.user = AnonymousUser()
request.session = SessionStore()
request.COOKIES["gb_claim"] = ClaimSigner(accounts.derived_key("claim")).issue("ANNA1")
request._messages = FallbackStorage(request)
login = SocialLogin(
    user=User(username="li", email="li@example.com", first_name="Li"),
    account=SocialAccount(provider="openid", uid="1"),
)
from allauth.core.context import request_context  # noqa: E402

with request_context(request), context.use_request(request):
    login.save(request)
li = User.objects.get(username="li")
assert Referral.objects.get(customer_id=str(li.pk)).referrer_code == "ANNA1"
assert json.loads(Delivery.objects.get(customer_id=str(li.pk)).arguments)["customerAttributes"]["displayName"] == "Li"
