"""Users and orders of the shapes that shops have."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone


class Shopper(User):
    """A proxy of the user model."""

    class Meta:
        proxy = True


class Member(User):
    """A user with a table of its own on top."""

    points = models.IntegerField(default=0)


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    phone = models.CharField(max_length=40)


class Timed(models.Model):
    """An abstract base, as shops like them."""

    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Purchase(Timed):
    reference = models.CharField(max_length=40)
    profile = models.ForeignKey(Profile, models.SET_NULL, null=True, blank=True)
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=20, default="new")
    total = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    shipping = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    weight = models.FloatField(default=0)
    note = models.TextField(blank=True)
    day = models.DateField(null=True)
    meta = models.JSONField(default=dict)

    def grand_total(self) -> Decimal | None:
        return None if self.total is None else self.total + self.shipping


class Line(models.Model):
    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=20)
    quantity = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=12, decimal_places=2)


class ExpressPurchase(Purchase):
    """An order with a table of its own on top."""

    courier = models.CharField(max_length=20, blank=True)


def is_paid(purchase: Purchase) -> bool:
    return purchase.status in ("paid", "shipped")
