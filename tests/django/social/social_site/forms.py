"""What allauth's sign-up form asks besides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from gameball_referrals.django.forms import ReferrerCodeFormMixin


class SignupForm(ReferrerCodeFormMixin, forms.Form):
    def signup(self, request: HttpRequest, user: Any) -> None: ...
