"""``manage.py gameball_worker``: delivers in a process of its own."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, router
from django.utils.translation import gettext as _

from gameball_referrals.django import conf, maintenance
from gameball_referrals.django.listening import Listener
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Account, Delivery
from gameball_referrals.django.sender import Sender


class Command(BaseCommand):
    """Run a sender until SIGTERM or SIGINT. Calls under way are then given their time, and settled."""

    help = _("Delivers to Gameball what the shop has recorded, until it is stopped.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--once", action="store_true", help=_("Deliver what is due and exit, for cron. It may overlap with others.")
        )
        parser.add_argument("--account", help=_("The only account to deliver for; default: all."))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        self._verbosity = options["verbosity"]
        account = options["account"]
        if account not in (None, DEFAULT_ACCOUNT) and not Account.objects.filter(pk=account).exists():
            raise CommandError(_("There is no account %r.") % account)
        using = router.db_for_write(Delivery)
        sender = Sender(account=account, using=using)
        self._obey_signals(sender)
        if options["once"]:
            calls = sender.drain()
            maintenance.run(using)
            self._say(_("%d calls made.") % calls, at=1 if calls else 2)
            return
        if conf.get().SENDER != "worker":
            self._say(
                _(
                    "Web processes deliver, too, since GAMEBALL_REFERRALS['SENDER'] is %r. That does no harm; "
                    "'worker' leaves it to this process."
                )
                % conf.get().SENDER
            )
        listener = Listener(using, sender.wake) if connections[using].vendor == "postgresql" else None
        if listener is not None:
            listener.start()
        self._say(_("Delivering."))
        sender.run()
        if listener is not None:
            listener.end()
        self._say(_("Stopped."))

    def _obey_signals(self, sender: Sender) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            # Who asks twice means it.
            signal.signal(number, signal.SIG_DFL)
            sender.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    def _say(self, text: str, *, at: int = 1) -> None:
        if self._verbosity >= at:
            self.stdout.write(text)
            self.stdout.flush()
