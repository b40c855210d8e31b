"""``manage.py gameball_sync_customers``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gameball_referrals import GameballError
from gameball_referrals.django import sync
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Account
from gameball_referrals.django.pacing import HeldError
from gameball_referrals.django.progress import Progress


class Command(BaseCommand):
    """Hand the customers from before the installation to Gameball."""

    help = (
        "Hands the customers from before the installation to Gameball, in batches and within the account's limits. "
        "Interrupted, it goes on where it was. Customers since the installation are not its business."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--account", default=DEFAULT_ACCOUNT, help="the account's name")
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--restart", action="store_true", help="begin anew instead of going on")

    def handle(self, *, account: str, dry_run: bool, restart: bool, **options: Any) -> None:
        """Synchronise."""
        row = Account.objects.filter(pk=account).first()
        if row is None:
            raise CommandError(f"There is no account {account!r}; `migrate` makes the default one, the admin others.")
        progress = Progress(self.stderr)  # type: ignore[arg-type]
        resumed = bool((row.sync_state or {}).get("cursor")) and not (row.sync_state or {}).get("finished_at")

        def show(state: sync.State) -> None:
            waits = sum(job[1] for job in state.jobs)
            progress.show(state.seen, state.total, f"Gameball works on {waits:,}" if waits else "")

        try:
            work = sync.CustomerSync(row, restart=restart, progress=show)
            if dry_run:
                counted = work.preview()
                self.stdout.write(
                    f"{counted['sent']:,} customers from before {row.installed_at:%Y-%m-%d %H:%M} UTC would be handed "
                    f"over; {counted['skipped']:,} users would not: staff, or Gameball was told of them, or will be."
                )
                return
            if resumed and not restart:
                self.stdout.write(f"Going on after {work.state.seen:,} of {work.state.total:,} users.")
            state = work.run()
        except sync.NoJoinDateError:
            raise CommandError(
                "The user model doesn't tell when somebody joined: set joined_field on your adapter."
            ) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted; run it again to go on.") from None
        except (HeldError, GameballError) as error:
            raise CommandError(f"{error}\nRun it again to go on.") from error
        finally:
            progress.end()
        self.stdout.write(f"{state.sent:,} customers were handed over, {state.skipped:,} users were left out.")
        if state.refused:
            codes = ", ".join(f"code {code}: {count:,}" for code, count in sorted(state.codes.items()))
            self.stdout.write(f"{state.refused:,} were refused{f' ({codes})' if codes else ''}.")
