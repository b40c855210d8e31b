"""The Celery task: for shops that have Celery's workers deliver.

With ``GAMEBALL_REFERRALS["SENDER"] = "worker"``, have Celery's beat run it every few seconds, and, to be quicker than
that, have each commit enqueue one, in ``ready()`` of an app of the shop's::

    from gameball_referrals.django import outbox, tasks
    outbox.on_new_deliveries(lambda: tasks.deliver.delay())

Any number may run at once: the database coordinates. Celery finds this module by itself.
"""

from __future__ import annotations

try:
    from celery import shared_task
except ImportError:
    # Others, too, look for a module of this name in every app.
    __all__: list[str] = []
else:
    from celery import Task
    from django.db import router

    from . import conf, maintenance
    from .models import Delivery
    from .sender import Sender

    __all__ = ["deliver"]

    @shared_task(  # type: ignore[untyped-decorator]
        bind=True, name="gameball_referrals.deliver", ignore_result=True
    )
    def deliver(self: Task, budget: float = 50.0, account: str | None = None) -> int:
        """Deliver what is due, and return how many calls it took.

        Args:
            self: the task.
            budget: seconds after which nothing more is begun; less where the task's time limits are tighter.
            account: the only account to deliver for.

        """
        grace = conf.get().TIMEOUT + 2.0
        celery = self.app.conf
        limits = [*(self.request.timelimit or ()), self.time_limit, self.soft_time_limit]
        for limit in (*limits, celery.task_time_limit, celery.task_soft_time_limit):
            if limit:
                # What is in flight is to be settled before the limit strikes.
                budget = min(budget, max(limit - grace, 1.0))
        using = router.db_for_write(Delivery)
        calls = Sender(account=account, using=using).drain(budget, grace=grace)
        maintenance.run(using)
        return calls
