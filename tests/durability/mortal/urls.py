"""What the shop does: each way in which a shop may write a customer or a paid order."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from gameball_referrals.django import track_order

from .models import Order


class ChangedMindError(Exception):
    """Rolls a transaction back, as a failing view does."""


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


def sign_up(request: HttpRequest, way: str) -> HttpResponse:
    name = request.POST["name"]
    if way == "autocommit":
        user = User.objects.create_user(name)
    elif way == "save":
        user = User(username=name)
        user.set_unusable_password()
        user.save()
    elif way == "get_or_create":
        user, _ = User.objects.get_or_create(username=name)
    elif way == "atomic":
        with transaction.atomic():
            user = User.objects.create_user(name)
            Group.objects.create(name=name)
    elif way == "savepoint":
        with transaction.atomic():
            Group.objects.create(name=name)
            with transaction.atomic():
                user = User.objects.create_user(name)
    elif way == "rolled_back":
        try:
            with transaction.atomic():
                User.objects.create_user(name)
                raise ChangedMindError
        except ChangedMindError:
            return HttpResponse()
    else:
        return HttpResponse(status=404)
    return HttpResponse(str(user.pk))


def order(request: HttpRequest) -> HttpResponse:
    Order.objects.create(
        number=request.POST["number"], customer_id=int(request.POST["customer"]), total=Decimal(request.POST["total"])
    )
    return HttpResponse()


def pay(request: HttpRequest, way: str) -> HttpResponse:
    paid = Order.objects.select_related("customer").get(number=request.POST["number"])
    paid.paid_at = timezone.now()
    if way == "autocommit":
        paid.save()
    elif way == "update_fields":
        paid.save(update_fields=["paid_at"])
    elif way == "atomic":
        with transaction.atomic():
            paid.save()
            Group.objects.create(name=f"paid {paid.number}")
    elif way == "function":
        with transaction.atomic():
            # No signal: the shop says it itself.
            Order.objects.filter(pk=paid.pk).update(paid_at=paid.paid_at)
            track_order(paid.number, customer=paid.customer, order_date=paid.placed_at, total_paid=paid.total)
    elif way == "rolled_back":
        try:
            with transaction.atomic():
                paid.save()
                raise ChangedMindError
        except ChangedMindError:
            return HttpResponse()
    else:
        return HttpResponse(status=404)
    return HttpResponse()


def buy(request: HttpRequest) -> HttpResponse:
    """Take an order that is paid as it is placed."""
    Order.objects.create(
        number=request.POST["number"],
        customer_id=int(request.POST["customer"]),
        total=Decimal(request.POST["total"]),
        paid_at=timezone.now(),
    )
    return HttpResponse()


def buy_as_guest(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        bought = Order.objects.create(
            number=request.POST["number"],
            email=request.POST["email"],
            total=Decimal(request.POST["total"]),
            paid_at=timezone.now(),
        )
        track_order(bought.number, guest=True, email=bought.email, order_date=bought.placed_at, total_paid=bought.total)
    return HttpResponse()


urlpatterns = [
    path("admin/", admin.site.urls),
    path("gameball/", include("gameball_referrals.django.urls")),
    path("", page),
    path("sign-up/<str:way>/", sign_up),
    path("order/", order),
    path("pay/<str:way>/", pay),
    path("buy/", buy),
    path("guest/", buy_as_guest),
]
