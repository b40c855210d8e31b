"""The task for Django's own task framework (``django.tasks``, Django 6 and later).

With ``GAMEBALL_REFERRALS["SENDER"] = "worker"``, have each commit enqueue one, in ``ready()`` of an app of the shop's::

    from gameball_referrals.django import django_tasks, outbox
    outbox.on_new_deliveries(lambda: django_tasks.deliver.enqueue())

and let cron run ``manage.py gameball_worker --once`` for what is due later, such as another try after a failure. Any
number may run at once: the database coordinates.
"""

from __future__ import annotations

from django.db import router
from django.tasks import task

from . import maintenance
from .models import Delivery
from .sender import Sender

__all__ = ["deliver"]


@task()
def deliver(budget: float = 50.0, account: str | None = None) -> int:
    """Deliver what is due, and return how many calls it took.

    Args:
        budget: seconds after which nothing more is begun.
        account: the only account to deliver for.

    """
    using = router.db_for_write(Delivery)
    calls = Sender(account=account, using=using).drain(budget)
    maintenance.run(using)
    return calls
