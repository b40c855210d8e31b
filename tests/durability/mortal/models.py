"""Orders of the shop."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Order(models.Model):
    """An order of a customer, or of a guest (an e-mail address, no customer)."""

    number = models.CharField(max_length=40, unique=True)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    email = models.EmailField(blank=True)
    total = models.DecimalField(max_digits=10, decimal_places=2)
    placed_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True)
