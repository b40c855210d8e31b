"""What the core tells, in the reader's language, with this package's commands and settings where it names none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as _

from gameball_referrals import evidence as core

from . import show

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Target = Literal["", "account", "delivery"]

OWN: dict[str, _StrPromise] = {
    "advice.reconcile": _(
        "Run “manage.py gameball_reconcile --dry-run”: it compares the shop with Gameball and says what is missing."
    ),
    "advice.sync": _(
        "Customers from before the installation are not recorded: “manage.py gameball_sync_customers” sends them."
    ),
    "advice.retention": _("Settled deliveries are deleted in the end; the setting RETENTION says when."),
    "advice.known_before": _(
        "Something else had created the customer without the code: an import, another system, or the widget "
        "on a page of the shop. "
        "Put the widget on pages with the template tag, which waits for the registration."
    ),
    "stop.sealed.why": _("The saved keys cannot be opened, probably since SECRET_KEY was changed."),
    "advice.unseal": _("Enter the keys again, or add the old SECRET_KEY to SECRET_KEY_FALLBACKS."),
    "stop.no_keys.why": _("There is no API key yet, neither in the admin nor in the settings."),
    "advice.how_sent": _(
        "With SENDER “thread” a web process sends after its next sign-up or order; with “worker” start "
        "“manage.py gameball_worker”, or its Celery or Django task."
    ),
    "advice.start_sender": _(
        "Start “manage.py gameball_worker” (or its Celery or Django task), or set SENDER to “thread”."
    ),
}
"""What this package says in place of a text of the core's, by its key."""


@dataclass(frozen=True)
class Advice:
    """What one can do, and the page on which."""

    text: str
    target: Target = ""
    pk: str = ""


def say(text: core.Text, now: datetime) -> str:
    """Say a text of the core's in the reader's language, with times as the admin writes them."""
    parts = {name: _part(part, now) for name, part in text.parts.items()}
    own = OWN.get(text.key)
    if own is not None:
        return str(own)
    if text.plural is not None:
        return ngettext(text.template, text.plural, _count(text)).format_map(parts)
    return gettext(text.template).format_map(parts)


def lazily(template: core.Template) -> _StrPromise:
    """Return a word of the core's that is translated when it is shown."""
    return OWN.get(template.key) or gettext_lazy(template.template)


def advice(told: Iterable[core.Advice], now: datetime) -> list[Advice]:
    """Say what one can do."""
    return [Advice(say(one.text, now), one.link or "", "" if one.id is None else str(one.id)) for one in told]


def _count(text: core.Text) -> int:
    count = text.parts.get("count")
    return count if isinstance(count, int) else 0


def _part(part: core.Part, now: datetime) -> Any:
    if isinstance(part, core.Text):
        return say(part, now)
    if isinstance(part, core.Clause):
        return say(part.text, now).rstrip(".")
    if isinstance(part, timedelta):
        return show.span(part)
    if isinstance(part, core.Moment):
        return show.relative(part.at, now) if part.style == "relative" else show.absolute(part.at, now)
    return part
