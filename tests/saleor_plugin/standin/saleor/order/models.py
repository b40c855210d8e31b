"""Facts: the key is a UUID, ``charge_status`` tells whether it is paid, ``user`` is null for guests."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone

from saleor.channel.models import Channel


def amount() -> models.DecimalField:
    return models.DecimalField(max_digits=20, decimal_places=3, default=Decimal(0))


class Order(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.IntegerField(unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    origin = models.CharField(max_length=32, default="checkout")
    status = models.CharField(max_length=32, default="unfulfilled")
    charge_status = models.CharField(max_length=32, default="none")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="orders")
    user_email = models.EmailField(blank=True, default="")
    channel = models.ForeignKey(Channel, models.PROTECT)
    checkout_token = models.CharField(max_length=36, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    metadata = models.JSONField(default=dict)
    total_gross_amount = amount()
    total_net_amount = amount()
    undiscounted_total_gross_amount = amount()
    shipping_price_gross_amount = amount()
    total_charged_amount = amount()


class OrderLine(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    variant_id = models.IntegerField(null=True)
    product_name = models.CharField(max_length=386)
    variant_name = models.CharField(max_length=255, blank=True, default="")
    product_sku = models.CharField(max_length=255, null=True)
    product_variant_id = models.CharField(max_length=255, null=True)
    quantity = models.IntegerField()
    unit_price_gross_amount = amount()
