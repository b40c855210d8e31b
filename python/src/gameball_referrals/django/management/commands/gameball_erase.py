"""``manage.py gameball_erase CUSTOMER``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gameball_referrals import InvalidArgumentError
from gameball_referrals.django import erasure


class Command(BaseCommand):
    """Erase a customer at Gameball and in this app's tables."""

    help = (
        "Erases a customer at Gameball, and takes them out of what this app has written down. "
        "The shop's own user and orders are the shop's to delete."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "customer", help="the customer's id at Gameball (the user's primary key), or an e-mail address"
        )
        parser.add_argument("--account", help="the account's name; default: where the customer is known")
        parser.add_argument("--no-input", action="store_false", dest="interactive", help="don't ask")

    def handle(self, *, customer: str, account: str | None, interactive: bool, **options: Any) -> None:
        """Erase."""
        targets = erasure.find(customer.strip())
        if account is not None:
            named = [erasure.Target(account, target.customer_id, target.is_guest) for target in targets]
            targets = list(dict.fromkeys(named))
        elif "@" not in customer and len(targets) > 1:
            known = ", ".join(target.account for target in targets)
            raise CommandError(f"This id is somebody's in several accounts ({known}): say whose with --account.")
        if "@" in customer:
            # An address may be a guest's or a user's: whoever of them is known, and users in any case.
            targets = [target for target in targets if not target.is_guest or erasure.is_known(target)]
        if not targets:
            raise CommandError("Nobody with this e-mail address is known here; nothing was erased.")
        for target in targets:
            known = (
                ""
                if erasure.is_known(target)
                else " (nothing is written down of them here; Gameball will be told anyhow)"
            )
            kind = "Guest" if target.is_guest else "Customer"
            self.stdout.write(f"{kind} {target.customer_id} of the account {target.account}{known}")
        if interactive:
            answer = input("Erase at Gameball and here? This cannot be undone. Type 'yes' to go on: ")
            if answer.strip().lower() != "yes":
                raise CommandError("Nothing was erased.")
        for target in targets:
            try:
                erased = erasure.erase(target.customer_id, account=target.account)
            except InvalidArgumentError as error:
                raise CommandError(str(error)) from error
            self.stdout.write(
                f"{target.customer_id}: {erased.anonymised} row(s) anonymised, {erased.cancelled} waiting call(s) "
                "cancelled; the erasure at Gameball goes out with the next deliveries."
            )
