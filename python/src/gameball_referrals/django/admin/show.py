"""How the admin writes times, badges and ids."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Literal

from django.utils import formats
from django.utils import timezone as django_timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Tone = Literal["good", "bad", "warn", "wait", "quiet"]
"""What a badge, a step or a message means; the style sheet has a colour for each."""

NOTHING = SafeString('<span class="gb-quiet">&ndash;</span>')


def span(length: timedelta) -> str:
    """Write a length of time in words: seconds up to two minutes, then as Django does."""
    seconds = round(abs(length.total_seconds()))
    if seconds < 120:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    end = datetime(2000, 1, 1, tzinfo=timezone.utc)
    return timesince(end - timedelta(seconds=seconds), end, depth=2 if seconds < 7200 else 1)


def relative(at: datetime, now: datetime) -> str:
    """Write a time as seen from now: ``5 minutes ago``, ``in 20 seconds``."""
    if abs((at - now).total_seconds()) < 1:
        return _("now")
    if at > now:
        return _("in %(time)s") % {"time": span(at - now)}
    return _("%(time)s ago") % {"time": span(now - at)}


def absolute(at: datetime, now: datetime, *, brief: bool = False) -> str:
    """Write a time to the second, with the date where it isn't today's, in the current time zone and language.

    ``brief``: to the minute where there is a date.
    """
    local, today = django_timezone.localtime(at), django_timezone.localtime(now)
    clock = formats.date_format(local, "H:i:s")
    if local.date() == today.date():
        return clock
    day = formats.date_format(local, "MONTH_DAY_FORMAT" if local.year == today.year else "DATE_FORMAT")
    return f"{day}, {formats.date_format(local, 'H:i') if brief else clock}"


def moment(at: datetime | None, now: datetime, *, brief: bool = False) -> SafeString:
    """Show a time for people, relative and absolute, and for machines; ``brief`` for lists."""
    if at is None:
        return NOTHING
    return format_html(
        '<time class="gb-time" datetime="{}">{} <span class="gb-quiet">{}</span></time>',
        django_timezone.localtime(at).isoformat(timespec="seconds"),
        relative(at, now),
        absolute(at, now, brief=brief),
    )


def badge(text: object, tone: Tone) -> SafeString:
    """Show a state; the words carry the meaning, the colour repeats it."""
    return format_html('<span class="gb-badge gb-{}">{}</span>', tone, text)


def fingerprint(value: str) -> SafeString:
    """Show a key's fingerprint, in groups that can be compared at a glance."""
    if not value:
        return NOTHING
    grouped = " ".join(value[i : i + 4] for i in range(0, len(value), 4))
    return format_html('<code class="gb-code" title="{}">{}</code>', _("A key's fingerprint, not the key"), grouped)


def copyable(value: str) -> SafeString:
    """Show an id with a button that copies it; without JavaScript there is only the id, which can be selected."""
    if not value:
        return NOTHING
    return format_html(
        '<span class="gb-copyable"><code class="gb-code">{0}</code>'
        '<button type="button" class="gb-copy" data-gb-copy="{0}" data-gb-done="{2}" hidden>{1}</button></span>',
        value,
        _("Copy"),
        _("Copied"),
    )
