"""What the shop's database keeps: accounts, referrals, guests' claims, deliveries, ledger, tallies, profiles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DEFAULT_ACCOUNT = "default"


class IdField(models.CharField):  # type: ignore[type-arg]
    """An identifier: case matters, also where the database's collation says otherwise (MySQL)."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Return the column's parameters, with a binary collation on MySQL and MariaDB."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


class Account(models.Model):
    """One set of Gameball credentials and settings. Keys are sealed; only ``accounts.py`` opens them."""

    key = models.SlugField(_("name"), max_length=64, primary_key=True, default=DEFAULT_ACCOUNT)
    enabled = models.BooleanField(
        _("enabled"),
        default=True,
        help_text=_("Off: what happens in the shop is recorded, and sent once it is on again."),
    )
    api_key_sealed = models.TextField(blank=True, editable=False)
    api_key_fingerprint = models.CharField(_("API key"), max_length=12, blank=True, editable=False)
    secret_key_sealed = models.TextField(blank=True, editable=False)
    secret_key_fingerprint = models.CharField(_("secret key"), max_length=12, blank=True, editable=False)
    environment = models.CharField(_("environment"), max_length=8, blank=True, editable=False)
    api_version = models.CharField(
        _("API version"),
        max_length=8,
        blank=True,
        choices=[("v4.0", "v4.0"), ("v4.1", "v4.1")],
        help_text=_("v4.1 is Gameball's Secure Integration Mode. Empty: as in the settings, else v4.0."),
    )
    base_url = models.CharField(
        _("base URL"), max_length=200, blank=True, help_text=_("Empty: as in the settings, else Gameball itself.")
    )
    high_security = models.BooleanField(
        _("High Security Mode"), default=False, help_text=_("As switched on in Gameball's dashboard.")
    )
    installed_at = models.DateTimeField(_("installed at"), default=timezone.now, editable=False)
    """The watermark: customers and orders from here on are referral business; earlier ones are for the sync."""
    last_check = models.JSONField(_("last test"), null=True, blank=True, editable=False)
    sync_state = models.JSONField(null=True, blank=True, editable=False)
    swept_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Until when the sweep (``reconcile.py``) has looked for what the hooks missed; the default account's counts."""
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return str(self.key)


class Receipt(models.TextChoices):
    """What came of a referral."""

    PENDING = "", _("on its way")
    LINKED = "linked", _("linked")
    ALREADY_REFERRED = "already_referred", _("already referred")
    REJECTED = "rejected", _("rejected")
    LOST = "lost", _("lost")
    UNVERIFIED = "unverified", _("unverified")


class Referral(models.Model):
    """A friend's claim, frozen at registration, with its receipt."""

    # No index of its own: those below begin with it.
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, default=DEFAULT_ACCOUNT)
    account_id: str
    customer_id = IdField(_("customer"), max_length=255)
    referrer_code = IdField(_("referrer code"), max_length=255)
    source = models.CharField(_("came by"), max_length=16, blank=True)
    """visit, field, state, metadata, or api."""
    claimed_at = models.DateTimeField(_("visited at"), null=True, blank=True)
    registered_at = models.DateTimeField(_("registered at"), default=timezone.now)
    deadline_at = models.DateTimeField(_("links until"))
    guest = models.BooleanField(_("guest"), default=False)
    acknowledged_at = models.DateTimeField(_("known at Gameball since"), null=True, blank=True)
    receipt = models.CharField(
        _("receipt"), max_length=16, choices=Receipt.choices, default=Receipt.PENDING, blank=True
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    late_by = models.DurationField(_("late by"), null=True, blank=True)
    settled_at = models.DateTimeField(_("receipt since"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "customer_id"], name="gameball_one_referral_each")
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "registered_at"], name="gameball_ref_time"),
            models.Index(fields=["account", "receipt", "registered_at"], name="gameball_ref_receipt"),
            models.Index(fields=["account", "referrer_code"], name="gameball_ref_code"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} ({self.receipt or 'pending'})"


class OrderClaim(models.Model):
    """A guest's claim, kept with an order that is not paid yet: it becomes their referral with the payment."""

    order = IdField(max_length=200)
    """The order model's label and the primary key."""
    typed = models.BooleanField(default=False)
    code = IdField(max_length=255)
    source = models.CharField(max_length=16, blank=True)
    """As a referral's."""
    claimed_at = models.DateTimeField(null=True, blank=True)
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "typed"], name="gameball_one_claim_an_order")]
        indexes: ClassVar = [models.Index(fields=["kept_at"], name="gameball_kept")]


class Dashboard(Referral):
    """The dashboard's entry in the admin's menu; no table, no permissions of its own."""

    class Meta:
        proxy = True
        default_permissions: ClassVar = ()
        verbose_name = _("dashboard")
        verbose_name_plural = _("dashboard")


class Delivery(models.Model):
    """One outgoing call, written in the transaction of what it tells: the outbox.

    Its referral, if any, is the one of the same account and customer.
    """

    class State(models.TextChoices):
        """Where a delivery stands; the last three are settled."""

        PENDING = "pending", _("waiting")
        IN_FLIGHT = "in_flight", _("being sent")
        APPLIED = "applied", _("delivered")
        DEAD = "dead", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    # No index of its own: those below begin with it.
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, default=DEFAULT_ACCOUNT)
    account_id: str
    customer_id = IdField(_("customer"), max_length=255)
    operation = models.CharField(_("call"), max_length=32)
    """Gameball's operationId."""
    order_id = IdField(_("order"), max_length=255, blank=True)
    dedupe_key = IdField(max_length=200)
    arguments = models.TextField(blank=True, editable=False)
    """The call's arguments as JSON; dropped once it is applied or cancelled."""
    dropped = models.JSONField(_("left out"), default=list, blank=True, editable=False)
    priority = models.SmallIntegerField(default=3)
    bucket = models.CharField(max_length=16, default="other", editable=False)
    """Whose limit the next call counts against, so that a limit that is used up hides nobody else's deliveries."""
    deadline_at = models.DateTimeField(_("deadline"))
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    progress = models.TextField(blank=True, editable=False)
    """The courier's own notes; opaque."""
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    acknowledged_at = models.DateTimeField(_("known at Gameball since"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    error_kind = models.CharField(_("error"), max_length=32, blank=True)
    error_message = models.TextField(_("what happened"), blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    gameball_code = models.BigIntegerField(_("Gameball code"), null=True, blank=True)
    request_id = models.CharField(_("request id"), max_length=100, blank=True)
    history = models.JSONField(_("calls"), default=list, blank=True, editable=False)
    """The last calls: ``[{at, operation, outcome, status, gameball_code, request_id, kind}]``, oldest first."""

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "dedupe_key"], name="gameball_each_call_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "state", "bucket", "priority", "deadline_at"], name="gameball_queue"),
            models.Index(fields=["account", "customer_id", "state"], name="gameball_lane"),
            models.Index(fields=["account", "state", "due_at"], name="gameball_due"),
            models.Index(fields=["state", "settled_at"], name="gameball_settled"),
            # What the admin filters and searches by.
            models.Index(fields=["operation", "created_at"], name="gameball_calls"),
            models.Index(fields=["order_id"], name="gameball_order"),
            models.Index(fields=["request_id"], name="gameball_request"),
        ]

    SETTLED: ClassVar = (State.APPLIED, State.DEAD, State.CANCELLED)

    def __str__(self) -> str:
        return f"{self.operation} {self.pk} ({self.state})"


class Ledger(models.Model):
    """An account's use of its limits, its breaker and its holds, as the core keeps them; all senders share the row."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, db_constraint=False)
    account_id: str
    state = models.TextField(blank=True)
    version = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)


class Tally(models.Model):
    """Receipts and misses a day, so that the dashboard never counts rows."""

    account = models.ForeignKey(Account, models.CASCADE, db_constraint=False)
    account_id: str
    day = models.DateField()
    """In UTC."""
    what = models.CharField(max_length=24)
    """A receipt, ``registered`` (referred friends), ``late`` (windows missed), ``applied`` or ``dead`` (deliveries)."""
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "day", "what"], name="gameball_tally_once")]


class Profile(models.Model):
    """A customer's own code and link as Gameball last told them, so that no page view asks."""

    account = models.ForeignKey(Account, models.CASCADE, db_constraint=False, default=DEFAULT_ACCOUNT)
    account_id: str
    customer_id = IdField(max_length=255)
    gameball_id = models.BigIntegerField(null=True, blank=True)
    referral_code = IdField(max_length=255, blank=True)
    referral_link = models.TextField(blank=True)
    is_referred = models.BooleanField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "customer_id"], name="gameball_one_profile_each")
        ]
