"""``manage.py gameball_reconcile``."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from gameball_referrals import GameballError
from gameball_referrals.django import outbox, reconcile
from gameball_referrals.django.models import Account, Receipt
from gameball_referrals.django.pacing import HeldError

RECEIPTS = {
    Receipt.LINKED: "are linked",
    Receipt.LOST: "are not linked",
    Receipt.UNVERIFIED: "still cannot be told",
}


class Command(BaseCommand):
    """Find and repair what Gameball was not told of."""

    help = (
        "Compares the shop's customers and paid orders since the installation with what was written down for Gameball, "
        "writes what is missing, and asks Gameball about referrals without a clear receipt. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--since", type=_moment, help="look at customers and orders from this date or time on only")

    def handle(self, *, dry_run: bool, since: datetime | None, **options: Any) -> None:
        """Reconcile."""
        if reconcile.joined_field() is None:
            self.stderr.write(
                "The user model doesn't tell when somebody joined, so customers cannot be compared: set joined_field "
                "on your adapter."
            )
        findings = reconcile.reconcile(since, dry_run=dry_run)
        would = "would be" if dry_run else "were"
        say = self.stdout.write
        say(
            f"{findings.customers} customer(s) of whom Gameball was not told; their registrations {would} written down."
        )
        say(f"{findings.orders} paid order(s) of which Gameball was not told; they {would} written down.")
        if findings.unsendable:
            say(f"{findings.unsendable} paid order(s) cannot be sent; the admin's deliveries say why (state: failed).")
        if findings.undecided:
            say(f"{findings.undecided} user(s) on whom the adapter failed; nothing is known of them.")
        if findings.orphaned:
            say(f"{findings.orphaned} referral(s) that nothing would give a receipt {would} marked as unverified.")
        if findings.abandoned:
            say(f"{findings.abandoned} claim(s) kept with guests' orders, and too old now, {would} forgotten.")
        if dry_run:
            for sample in findings.samples:
                say(f"  {sample}")
            say(f"{findings.unverified} referral(s) without a clear receipt, about which Gameball would be asked.")
            return
        outbox.wake()
        failures = self._verify(findings) if findings.unverified else []
        for receipt, count in sorted(findings.verified.items()):
            say(f"{count} referral(s) without a clear receipt were read back: they {RECEIPTS[Receipt(receipt)]}.")
        if failures:
            raise CommandError("\n".join(failures))

    def _verify(self, findings: reconcile.Findings) -> list[str]:
        failures = []
        for account in Account.objects.filter(enabled=True):
            try:
                reconcile.verify(account, findings)
            except (HeldError, GameballError) as error:
                failures.append(f"Account {account.pk}: its referrals could not be read back: {error}")
        return failures


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        day = parse_date(text)
        if day is None:
            raise ValueError(text)
        moment = datetime.combine(day, time.min)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
