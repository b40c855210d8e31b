"""The forms: signing up and checking out."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from gameball_referrals.django.forms import ReferrerCodeFormMixin

from .models import Order


class SignUpForm(ReferrerCodeFormMixin, UserCreationForm):
    """Django's own sign-up form, with a field for a code that was told rather than clicked."""

    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")


class CheckoutForm(forms.ModelForm):
    """Where the parcel goes."""

    class Meta:
        model = Order
        fields = ("name", "email", "address")
        labels = {"email": "E-mail"}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "address": forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        }
