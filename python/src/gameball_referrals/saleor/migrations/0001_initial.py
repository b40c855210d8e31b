import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import gameball_referrals.django.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gameball", "0002_notify"),
    ]

    operations = [
        migrations.CreateModel(
            name="Instance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "api_url",
                    gameball_referrals.django.models.IdField(max_length=500, unique=True, verbose_name="API URL"),
                ),
                (
                    "app_id",
                    gameball_referrals.django.models.IdField(blank=True, max_length=255, verbose_name="app's id"),
                ),
                ("jwks", models.JSONField(default=dict, editable=False)),
                ("jwks_asked_at", models.DateTimeField(editable=False, null=True)),
                ("schema_version", models.CharField(blank=True, max_length=32, verbose_name="Saleor's version")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("status_at", models.DateTimeField(editable=False, null=True)),
                (
                    "registered_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="registered at"),
                ),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed at")),
                (
                    "account",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="gameball.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "Saleor instance",
                "verbose_name_plural": "Saleor instances",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.CharField(max_length=32)),
                ("object_id", gameball_referrals.django.models.IdField(max_length=255)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claim", models.TextField(blank=True, default="")),
                (
                    "instance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="gameball_saleor.instance",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("instance", "event", "object_id"), name="gameball_saleor_event_once"
                    )
                ],
            },
        ),
    ]
