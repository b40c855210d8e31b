import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import gameball_referrals.django.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "key",
                    models.SlugField(
                        default="default", max_length=64, primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
                (
                    "enabled",
                    models.BooleanField(
                        default=True,
                        help_text="Off: what happens in the shop is recorded, and sent once it is on again.",
                        verbose_name="enabled",
                    ),
                ),
                ("api_key_sealed", models.TextField(blank=True, editable=False)),
                (
                    "api_key_fingerprint",
                    models.CharField(blank=True, editable=False, max_length=12, verbose_name="API key"),
                ),
                ("secret_key_sealed", models.TextField(blank=True, editable=False)),
                (
                    "secret_key_fingerprint",
                    models.CharField(blank=True, editable=False, max_length=12, verbose_name="secret key"),
                ),
                ("environment", models.CharField(blank=True, editable=False, max_length=8, verbose_name="environment")),
                (
                    "api_version",
                    models.CharField(
                        blank=True,
                        choices=[("v4.0", "v4.0"), ("v4.1", "v4.1")],
                        help_text="v4.1 is Gameball's Secure Integration Mode. Empty: as in the settings, else v4.0.",
                        max_length=8,
                        verbose_name="API version",
                    ),
                ),
                (
                    "base_url",
                    models.CharField(
                        blank=True,
                        help_text="Empty: as in the settings, else Gameball itself.",
                        max_length=200,
                        verbose_name="base URL",
                    ),
                ),
                (
                    "high_security",
                    models.BooleanField(
                        default=False,
                        help_text="As switched on in Gameball's dashboard.",
                        verbose_name="High Security Mode",
                    ),
                ),
                (
                    "installed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="installed at"
                    ),
                ),
                ("last_check", models.JSONField(blank=True, editable=False, null=True, verbose_name="last test")),
                ("sync_state", models.JSONField(blank=True, editable=False, null=True)),
                ("swept_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.CreateModel(
            name="Ledger",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="gameball.account",
                    ),
                ),
                ("state", models.TextField(blank=True)),
                ("version", models.BigIntegerField(default=0)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_id", gameball_referrals.django.models.IdField(max_length=255, verbose_name="customer")),
                ("operation", models.CharField(max_length=32, verbose_name="call")),
                (
                    "order_id",
                    gameball_referrals.django.models.IdField(blank=True, max_length=255, verbose_name="order"),
                ),
                ("dedupe_key", gameball_referrals.django.models.IdField(max_length=200)),
                ("arguments", models.TextField(blank=True, editable=False)),
                ("dropped", models.JSONField(blank=True, default=list, editable=False, verbose_name="left out")),
                ("priority", models.SmallIntegerField(default=3)),
                ("bucket", models.CharField(default="other", editable=False, max_length=16)),
                ("deadline_at", models.DateTimeField(verbose_name="deadline")),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="due at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "waiting"),
                            ("in_flight", "being sent"),
                            ("applied", "delivered"),
                            ("dead", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("progress", models.TextField(blank=True, editable=False)),
                ("lease_token", models.CharField(blank=True, editable=False, max_length=32)),
                ("lease_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at")),
                (
                    "acknowledged_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="known at Gameball since"),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                ("error_kind", models.CharField(blank=True, max_length=32, verbose_name="error")),
                ("error_message", models.TextField(blank=True, verbose_name="what happened")),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="HTTP status")),
                ("gameball_code", models.BigIntegerField(blank=True, null=True, verbose_name="Gameball code")),
                ("request_id", models.CharField(blank=True, max_length=100, verbose_name="request id")),
                ("history", models.JSONField(blank=True, default=list, editable=False, verbose_name="calls")),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        default="default",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="gameball.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(
                        fields=["account", "state", "bucket", "priority", "deadline_at"], name="gameball_queue"
                    ),
                    models.Index(fields=["account", "customer_id", "state"], name="gameball_lane"),
                    models.Index(fields=["account", "state", "due_at"], name="gameball_due"),
                    models.Index(fields=["state", "settled_at"], name="gameball_settled"),
                    models.Index(fields=["operation", "created_at"], name="gameball_calls"),
                    models.Index(fields=["order_id"], name="gameball_order"),
                    models.Index(fields=["request_id"], name="gameball_request"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "dedupe_key"), name="gameball_each_call_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_id", gameball_referrals.django.models.IdField(max_length=255)),
                ("gameball_id", models.BigIntegerField(blank=True, null=True)),
                ("referral_code", gameball_referrals.django.models.IdField(blank=True, max_length=255)),
                ("referral_link", models.TextField(blank=True)),
                ("is_referred", models.BooleanField(blank=True, null=True)),
                ("fetched_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        default="default",
                        on_delete=django.db.models.deletion.CASCADE,
                        to="gameball.account",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("account", "customer_id"), name="gameball_one_profile_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_id", gameball_referrals.django.models.IdField(max_length=255, verbose_name="customer")),
                (
                    "referrer_code",
                    gameball_referrals.django.models.IdField(max_length=255, verbose_name="referrer code"),
                ),
                ("source", models.CharField(blank=True, max_length=16, verbose_name="came by")),
                ("claimed_at", models.DateTimeField(blank=True, null=True, verbose_name="visited at")),
                (
                    "registered_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="registered at"),
                ),
                ("deadline_at", models.DateTimeField(verbose_name="links until")),
                ("guest", models.BooleanField(default=False, verbose_name="guest")),
                (
                    "acknowledged_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="known at Gameball since"),
                ),
                (
                    "receipt",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "on its way"),
                            ("linked", "linked"),
                            ("already_referred", "already referred"),
                            ("rejected", "rejected"),
                            ("lost", "lost"),
                            ("unverified", "unverified"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="receipt",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40, verbose_name="reason")),
                ("late_by", models.DurationField(blank=True, null=True, verbose_name="late by")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="receipt since")),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        default="default",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="gameball.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "referral",
                "verbose_name_plural": "referrals",
                "indexes": [
                    models.Index(fields=["account", "registered_at"], name="gameball_ref_time"),
                    models.Index(fields=["account", "receipt", "registered_at"], name="gameball_ref_receipt"),
                    models.Index(fields=["account", "referrer_code"], name="gameball_ref_code"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "customer_id"), name="gameball_one_referral_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Dashboard",
            fields=[],
            options={
                "verbose_name": "dashboard",
                "verbose_name_plural": "dashboard",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("gameball.referral",),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("what", models.CharField(max_length=24)),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="gameball.account"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "day", "what"), name="gameball_tally_once")],
            },
        ),
    ]
