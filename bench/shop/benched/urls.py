"""One view a variant, alike but for what is measured."""

from __future__ import annotations

import json
import os
import threading
from decimal import Decimal
from functools import lru_cache, partial

import requests
from celery import Celery
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from gameball_referrals.django import track_order

from .models import Order, Stranger

VENDOR = os.environ.get("BENCH_VENDOR", "")
TOTAL = Decimal("100.25")
HEADERS = dict.fromkeys(("APIKey", "TransactionKey", "SecretKey"), "bench-key-0123456789abcdef")

celery = Celery(broker=os.environ.get("BENCH_BROKER", "memory://"))
celery.conf.task_ignore_result = True


@celery.task
def send_order(order: dict[str, object]) -> None:
    raise NotImplementedError("nobody works on this queue")


@lru_cache
def customer() -> User:
    return User.objects.get(username="customer")


def body(order: Order) -> dict[str, object]:
    return {
        "orderId": order.number,
        "customerId": str(order.customer_id),
        "orderDate": order.placed_at.isoformat(),
        "totalPaid": float(order.total),
    }


def post(order: Order) -> None:
    url = f"{VENDOR}/api/v4.0/integrations/orders"
    requests.post(url, json=body(order), headers=HEADERS, timeout=10).raise_for_status()


def pay(request: HttpRequest, way: str, number: str) -> HttpResponse:
    with transaction.atomic():
        order = Order.objects.create(number=number, customer=customer(), total=TOTAL)
        if way == "ours":
            track_order(order.number, customer=order.customer, order_date=order.placed_at, total_paid=order.total)
        elif way == "celery":
            transaction.on_commit(partial(send_order.delay, body(order)))
        elif way == "thread":
            transaction.on_commit(threading.Thread(target=post, args=[order]).start)
    if way == "requests":
        post(order)
    return HttpResponse(json.dumps({"order": order.number}))


def sign_up(request: HttpRequest, way: str, name: str) -> HttpResponse:
    # Under autocommit, as most shops are.
    model = User if way == "ours" else Stranger
    joined = model(username=name, email=f"{name}@shop.example", password="!")
    joined.save()
    return HttpResponse(str(joined.pk))


urlpatterns = [
    path("admin/", admin.site.urls),
    path("gameball/", include("gameball_referrals.django.urls")),
    path("", lambda request: HttpResponse("a page")),
    path("pay/<str:way>/<str:number>/", pay),
    path("sign-up/<str:way>/<str:name>/", sign_up),
]
