"""What is kept of Saleor: the instances that have installed the app, and which events have arrived."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gameball_referrals.django.models import Account, IdField


class Instance(models.Model):
    """One Saleor, by its API URL, and the Gameball account that is its own.

    The app's token is checked at the registration and not kept: nothing here needs it afterwards.
    """

    account = models.OneToOneField(Account, models.PROTECT, db_constraint=False, related_name="+")
    account_id: str
    api_url = IdField(_("API URL"), max_length=500, unique=True)
    app_id = IdField(_("app's id"), max_length=255, blank=True)
    """Of the app in that Saleor (a global id): what the Dashboard's tokens name."""
    jwks = models.JSONField(default=dict, editable=False)
    """The public keys of the instance, as it told them last."""
    jwks_asked_at = models.DateTimeField(null=True, editable=False)
    """When they were asked for last, with or without an answer."""
    schema_version = models.CharField(_("Saleor's version"), max_length=32, blank=True)
    active = models.BooleanField(_("active"), default=True)
    """As Saleor's staff have switched the app."""
    status_at = models.DateTimeField(null=True, editable=False)
    """When Saleor last told of ``active``: what is older changes nothing."""
    registered_at = models.DateTimeField(_("registered at"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    """When the app was uninstalled there; None: it is installed."""

    class Meta:
        verbose_name = _("Saleor instance")
        verbose_name_plural = _("Saleor instances")

    def __str__(self) -> str:
        return str(self.api_url)


class Event(models.Model):
    """An event that has arrived: Saleor gives its deliveries no id, so this is what tells a repetition."""

    # No index of its own: the constraint begins with it.
    instance = models.ForeignKey(Instance, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    instance_id: int
    event = models.CharField(max_length=32)
    object_id = IdField(max_length=255)
    received_at = models.DateTimeField(default=timezone.now)
    claim = models.TextField(blank=True, default="")
    """What a customer's metadata held, who is to be told of once their e-mail address is confirmed."""

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instance", "event", "object_id"], name="gameball_saleor_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.object_id}"
