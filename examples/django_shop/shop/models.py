"""What the shop sells, and what was ordered."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.crypto import get_random_string


class Product(models.Model):
    """One thing on the shelf."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    tagline = models.CharField(max_length=120)
    description = models.TextField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.slug])

    @property
    def art(self) -> str:
        """The template that draws it."""
        return f"shop/art/{self.slug}.svg"


def order_number() -> str:
    """Return a number that nobody can guess, since it opens a guest's order."""
    return get_random_string(10, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789")


class Order(models.Model):
    """An order; it counts as paid from ``paid_at`` on. A guest's has no customer."""

    number = models.CharField(max_length=12, unique=True, default=order_number)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="orders", null=True, blank=True
    )
    email = models.EmailField()
    name = models.CharField(max_length=100)
    address = models.TextField()
    total = models.DecimalField(max_digits=8, decimal_places=2)
    created_at = models.DateTimeField(auto_now_add=True)
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("order", args=[self.number])


class OrderLine(models.Model):
    """So many of one product, at the price of that day."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT)
    title = models.CharField(max_length=80)
    quantity = models.PositiveSmallIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def total(self) -> Decimal:
        return self.price * self.quantity
