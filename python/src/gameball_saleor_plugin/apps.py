"""The entry in Saleor's ``INSTALLED_APPS``: it is the Django app itself, set up for Saleor."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_migrate
from gameball_referrals.django import apps


class GameballSaleorConfig(apps.GameballReferralsConfig):
    """What Saleor installs by the name ``gameball_saleor_plugin``: models, migrations and commands of the Django app.

    One entry is enough, since an entry's configuration may name any package: the app ``gameball``, with its tables in
    Saleor's own database. Saleor creates them with ``manage.py migrate``, as it does its own.
    """

    default = True

    def ready(self) -> None:
        """Set what Saleor's own settings don't know, then what the Django app does; no network, no query, no thread."""
        from gameball_referrals.django import conf

        from . import sending

        conf.set_defaults(ADAPTER="gameball_saleor_plugin.adapter.SaleorAdapter", SENDER=sending.usual_sender())
        super().ready()
        # After the receiver that writes the account, which is on wherever nobody says otherwise.
        post_migrate.connect(_as_switched, sender=self)
        sending.connect()

    def connect_hooks(self) -> None:
        """Leave Saleor's models alone, since its plugin manager calls hooks; and map its orders."""
        from gameball_referrals.django import checks, hooks, mapping

        from . import orders

        mapping.predefine("gameball_saleor_plugin", orders.mapping)
        hooks.connect_erasure()
        checks.connect(pages=False)


def _as_switched(*, using: str, **_: Any) -> None:
    from . import keys
    from .database import writer

    if using == writer():
        keys.follow_switch()
