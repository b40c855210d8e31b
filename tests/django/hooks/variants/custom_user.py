"""A shop with a user model of its own."""

from __future__ import annotations

from datetime import timedelta

from shop_of import set_up

set_up(
    "people",
    AUTH_USER_MODEL="people.Person",
    GAMEBALL_REFERRALS={"SENDER": "worker", "ADAPTER": "own_adapter.PersonAdapter"},
)

from django.core.checks import run_checks  # noqa: E402
from django.utils import timezone  # noqa: E402
from gameball_referrals.django import reconcile, track_order  # noqa: E402
from gameball_referrals.django.models import Account, Delivery  # noqa: E402
from people.models import Person  # noqa: E402

assert [each.id for each in run_checks(tags=["gameball"]) if each.id != "gameball.W007"] == []

bo = Person.objects.create_user("bo@example.com", phone="+390612345678")
clerk = Person.objects.create_user("clerk@example.com", is_clerk=True)
delivery = Delivery.objects.get()
assert (delivery.customer_id, delivery.state) == (str(bo.pk), "pending")
assert '"email":"bo@example.com"' in delivery.arguments
assert '"mobile":"+390612345678"' in delivery.arguments

Person.objects.bulk_create([Person(contact="li@example.com")])
Account.objects.update(installed_at=timezone.now() - timedelta(hours=1))
assert reconcile.sweep().customers == 1
assert reconcile.reconcile().customers == 0

track_order("1", customer=bo, order_date=timezone.now(), total_paid="9.90")
assert Delivery.objects.filter(operation="trackOrder", customer_id=str(bo.pk)).count() == 1
