"""The views that matter to referrals: signing up, ordering, paying. None of them knows of the app."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.contrib.auth import get_user_model, login
from django.contrib.auth.forms import UserCreationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from .models import Order


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = get_user_model()
        fields = ("username", "email")


class OrderForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Order
        fields = ("number", "email", "total")


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/home.html")


def sign_up(request: HttpRequest) -> HttpResponse:
    """Show and take the sign-up form: ``username``, ``email``, ``password1``, ``password2``."""
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("home")
    return render(request, "shop/form.html", {"form": form, "title": "Sign up"})


@require_POST
def place_order(request: HttpRequest) -> HttpResponse:
    """Place an order: ``number``, ``total``, for guests ``email``."""
    form = OrderForm(request.POST)
    if not form.is_valid():
        return render(request, "shop/form.html", {"form": form, "title": "Order"}, status=400)
    order = form.save(commit=False)
    if request.user.is_authenticated:
        order.customer = request.user
    order.total = Decimal(order.total)
    order.save()
    return redirect("home")


@require_POST
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Pay an order."""
    order = get_object_or_404(Order, number=number)
    order.paid_at = timezone.now()
    order.save(update_fields=["paid_at"])
    return redirect("home")
