"""Users in one database, deliveries in another: told of, warned of, and never of what was rolled back."""

from __future__ import annotations

from typing import Any

from shop_of import set_up


class Router:
    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "gameball" if model._meta.app_label == "gameball" else None

    db_for_read = db_for_write


set_up(databases=("default", "gameball"), DATABASE_ROUTERS=[Router()])

from django.contrib.auth.models import User  # noqa: E402
from django.core.checks import run_checks  # noqa: E402
from django.db import transaction  # noqa: E402
from gameball_referrals.django.models import Delivery  # noqa: E402

(warning,) = [each for each in run_checks(tags=["gameball"]) if each.id == "gameball.W005"]
assert "auth.User lives in the database 'default', deliveries in 'gameball'" in warning.msg
assert "DATABASE_ROUTERS" in warning.hint

User.objects.create_user("autocommit")
assert Delivery.objects.using("gameball").count() == 1
assert Delivery.objects.using("default").count() == 0

with transaction.atomic():
    User.objects.create_user("atomic")
    assert Delivery.objects.count() == 1
assert Delivery.objects.count() == 2

try:
    with transaction.atomic():
        User.objects.create_user("rolled back")
        raise ZeroDivisionError
except ZeroDivisionError:
    pass
assert Delivery.objects.count() == 2

# A user written to a database by name: senders look for deliveries in one place only.
User.objects.using("gameball").create(pk=99, username="by name")
assert Delivery.objects.using("gameball").count() == 3
