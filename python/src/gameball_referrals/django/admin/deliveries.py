"""Deliveries in the admin: what was sent, what waits and why, and the three things one can do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gameball_referrals.django import operations
from gameball_referrals.django.models import Delivery

from . import health, links, rows, show, texts
from .delivery_filters import CallFilter, ErrorFilter, SinceFilter, StateFilter, ordering
from .lists import AccountFilter, IndexedChangeList, ReadOnlyAdmin, account_keys
from .waiting import waiting

UNSEEN = ("arguments", "progress", "lease_token", "dedupe_key")
"""Columns that no page reads: bodies are personal data."""

AT_ONCE = 500
"""Rows that one action takes; Django refuses forms of more than 1,000 fields."""

OPERATIONS: dict[str, tuple[tuple[str, ...], Any]] = {
    "retry_now": ((Delivery.State.PENDING,), gettext_lazy("Retry now")),
    "replay": ((Delivery.State.DEAD,), gettext_lazy("Replay")),
    "cancel": ((Delivery.State.PENDING, Delivery.State.DEAD), gettext_lazy("Cancel")),
}
"""What can be done to deliveries in which states: names of functions in ``operations``."""


class _ChangeList(IndexedChangeList):
    # Since Django 5.0 there is a second argument.
    def get_queryset(self, request: HttpRequest, *others: Any, **named: Any) -> QuerySet[Delivery]:
        return super().get_queryset(request, *others, **named).defer(*UNSEEN, "history", "error_message")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The outbox."""

    list_display = ("call", "customer", "standing", "when", "problem")
    list_filter = (StateFilter, CallFilter, ErrorFilter, SinceFilter, AccountFilter)
    search_help_text = gettext_lazy(
        "The whole customer id, order number or request id, exactly as it is written: upper and lower case matter."
    )
    actions = ("retry_now", "replay", "cancel")
    change_form_template = "admin/gameball/delivery/change_form.html"

    # --- The list ---------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Return deliveries without their bodies."""
        return super().get_queryset(request).defer(*UNSEEN)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[IndexedChangeList]:
        """Return the list's class."""
        return _ChangeList

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return newest first."""
        return ordering(request)

    def search_conditions(self, request: HttpRequest, term: str) -> Iterable[Q]:
        """Find a customer's, an order's, or the one with a request id."""
        yield Q(account_id__in=account_keys(request), customer_id=term)
        yield Q(order_id=term)
        yield Q(request_id=term)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say what the page shows."""
        return super().changelist_view(request, {"title": _("Deliveries to Gameball"), **(extra_context or {})})

    @admin.display(description=gettext_lazy("call"))
    def call(self, delivery: Delivery) -> str:
        """Name the call, and the order."""
        return f"{str(texts.operation(delivery.operation)).capitalize()} {delivery.order_id}".strip()

    @admin.display(description=gettext_lazy("customer"))
    def customer(self, delivery: Delivery) -> SafeString:
        """Link to the customer's evidence."""
        return links.customer(delivery.account_id, delivery.customer_id)

    @admin.display(description=gettext_lazy("state"))
    def standing(self, delivery: Delivery) -> SafeString:
        """Show the state, and the attempts where there were several."""
        badge = show.badge(delivery.get_state_display(), texts.STATE_TONES.get(delivery.state, "quiet"))
        if delivery.attempts < 2:
            return badge
        attempts = ngettext("%(count)d attempt", "%(count)d attempts", delivery.attempts) % {"count": delivery.attempts}
        return format_html('{} <span class="gb-quiet gb-line">{}</span>', badge, attempts)

    @admin.display(description=gettext_lazy("when"))
    def when(self, delivery: Delivery) -> SafeString:
        """Show when it was settled, or is due; of a friend's registration that waits, also its deadline."""
        now = timezone.now()
        if delivery.state in Delivery.SETTLED:
            return show.moment(delivery.settled_at, now, brief=True)
        due = format_html("{} {}", _("due"), show.moment(delivery.due_at, now, brief=True))
        if delivery.priority != 0:
            return due
        late = delivery.deadline_at <= now
        return format_html(
            '{} <span class="gb-line gb-text-{}">{} {}</span>',
            due,
            "bad" if late else "wait",
            _("could link until") if late else _("links until"),
            show.moment(delivery.deadline_at, now, brief=True),
        )

    @admin.display(description=gettext_lazy("what happened"))
    def problem(self, delivery: Delivery) -> SafeString:
        """Show the last error in plain words, with its codes and Gameball's id of the request."""
        if not delivery.request_id:
            return _problem(delivery)
        return format_html('{} <span class="gb-line">{}</span>', _problem(delivery), show.copyable(delivery.request_id))

    # --- One delivery -----------------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return no field of the model: the page is written by its template."""
        return ()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show where a delivery stands, and its calls."""
        delivery: Delivery = kwargs["obj"] if "obj" in kwargs else context["original"]
        now = timezone.now()
        context["gb"] = {
            **_standing(delivery, now),
            "facts": _facts(delivery, now),
            "calls": [_call_row(call, now) for call in reversed(delivery.history)],
            "dropped": delivery.dropped,
            "operations": [
                {"name": name, "label": label, "confirm": name == "cancel"}
                for name, (states, label) in OPERATIONS.items()
                if delivery.state in states
                and self.has_operate_permission(request)
                and not (name == "retry_now" and delivery.due_at <= now)
            ],
            "operate_url": links.delivery(delivery.pk, "operate"),
        }
        context["title"] = _title(delivery)
        context["subtitle"] = None
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who did what."""
        return super().history_view(request, object_id, {"title": _("Who did what"), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """Add what the buttons of a delivery's page post to."""
        operate = self.admin_site.admin_view(self.operate_view)
        return [path("<path:object_id>/operate/", operate, name="gameball_delivery_operate"), *super().get_urls()]

    def operate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Retry, replay or cancel one delivery."""
        if request.method != "POST":
            # Somebody had to sign in again in between.
            return HttpResponseRedirect(links.delivery(unquote(object_id)))
        if not self.has_operate_permission(request):
            raise PermissionDenied
        delivery: Delivery | None = self.get_object(request, unquote(object_id))
        name = request.POST.get("do", "")
        if delivery is None or name not in OPERATIONS:
            raise Http404
        back = links.delivery(delivery.pk)
        if name == "cancel" and "confirmed" not in request.POST:
            return self._confirm_cancel(request, [delivery], back=back, post_to=request.path)
        self._operate(request, name, Delivery.objects.filter(pk=delivery.pk))
        return HttpResponseRedirect(back)

    # --- What one can do --------------------------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Retry now"), permissions=["operate"])
    def retry_now(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Make waiting deliveries due."""
        self._operate(request, "retry_now", queryset)

    @admin.action(description=gettext_lazy("Replay failed ones"), permissions=["operate"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send failed deliveries anew."""
        self._operate(request, "replay", queryset)

    @admin.action(description=gettext_lazy("Cancel…"), permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse | None:
        """Give deliveries up, once that is confirmed."""
        if request.POST.get("confirmed"):
            self._operate(request, "cancel", queryset)
            return None
        states, _label = OPERATIONS["cancel"]
        chosen = list(queryset.filter(state__in=states).order_by("pk").defer(*UNSEEN, "history")[:AT_ONCE])
        if not chosen:
            self.message_user(
                request, _("None of them can be cancelled: only what waits or failed can."), messages.WARNING
            )
            return None
        return self._confirm_cancel(request, chosen, back=request.get_full_path(), post_to=request.get_full_path())

    def _confirm_cancel(
        self, request: HttpRequest, deliveries: list[Delivery], *, back: str, post_to: str
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            "admin/gameball/delivery/cancel_confirmation.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Cancel deliveries?"),
                "opts": self.opts,
                "media": self.media,
                "deliveries": deliveries,
                "titles": [_title(delivery) for delivery in deliveries[:20]],
                "more": max(0, len(deliveries) - 20),
                "referred": sum(1 for delivery in deliveries if delivery.priority == 0),
                "back": back,
                "post_to": post_to,
            },
        )

    def _operate(self, request: HttpRequest, name: str, queryset: QuerySet[Delivery]) -> None:
        states, label = OPERATIONS[name]
        operate: Callable[[list[int]], int] = getattr(operations, name)
        # A filter on all pages may stand for any number of rows.
        chosen = list(queryset.filter(state__in=states).order_by("pk").only("operation")[:AT_ONCE])
        done = operate([delivery.pk for delivery in chosen]) if chosen else 0
        if not done:
            self.message_user(request, _NONE[name], messages.WARNING)
            return
        self._log(request, chosen, str(label))
        self.message_user(request, _DONE[name](done), messages.SUCCESS)
        if len(chosen) == AT_ONCE:
            self.message_user(
                request,
                _("These were the first %(count)d; repeat it for the others.") % {"count": AT_ONCE},
                messages.INFO,
            )

    def _log(self, request: HttpRequest, deliveries: list[Delivery], message: str) -> None:
        kind = ContentType.objects.get_for_model(Delivery)
        LogEntry.objects.bulk_create(
            [
                LogEntry(
                    user_id=request.user.pk or 0,
                    content_type_id=kind.pk,
                    object_id=str(delivery.pk),
                    # No customer's id: this log outlives an erasure.
                    object_repr=f"{texts.operation(delivery.operation)} {delivery.pk}",
                    action_flag=CHANGE,
                    change_message=message,
                )
                for delivery in deliveries
            ]
        )


_NONE = {
    "retry_now": gettext_lazy("None of them waits; only what waits can be retried."),
    "replay": gettext_lazy(
        "None of them is sent again: none has failed, or its order still cannot be read; its page says why."
    ),
    "cancel": gettext_lazy("None of them can be cancelled: only what waits or failed can."),
}


_DONE: dict[str, Callable[[int], str]] = {
    "retry_now": lambda count: (
        ngettext(
            "%(count)d delivery is due now and goes out in its turn.",
            "%(count)d deliveries are due now and go out in their turn.",
            count,
        )
        % {"count": count}
    ),
    "replay": lambda count: (
        ngettext("%(count)d delivery is sent again.", "%(count)d deliveries are sent again.", count) % {"count": count}
    ),
    "cancel": lambda count: (
        ngettext("%(count)d delivery was cancelled.", "%(count)d deliveries were cancelled.", count) % {"count": count}
    ),
}


def _title(delivery: Delivery) -> str:
    words = str(texts.operation(delivery.operation)).capitalize()
    return f"{words} {delivery.order_id or delivery.customer_id}"


def _problem(delivery: Delivery) -> SafeString:
    codes = []
    if delivery.status:
        codes.append(f"HTTP {delivery.status}")
    if delivery.gameball_code:
        codes.append(_("code %(code)s") % {"code": delivery.gameball_code})
    if not delivery.error_kind:
        return show.NOTHING
    return format_html(
        '{} <span class="gb-quiet">{}</span>',
        texts.error(delivery.error_kind, delivery.gameball_code),
        " · ".join(codes),
    )


def _standing(delivery: Delivery, now: Any) -> dict[str, Any]:
    """Tell where a delivery stands in a headline, and what one can do."""
    state = Delivery.State
    settled = delivery.state in Delivery.SETTLED
    wait = None if settled else waiting(delivery, health.of_named(delivery.account_id, now), now)
    if wait is not None:
        return {
            "tone": wait.tone,
            "headline": wait.title[:1].upper() + wait.title[1:],
            "why": wait.why,
            "advice": links.resolve(wait.advice),
        }
    if delivery.state == state.APPLIED:
        return {"tone": "good", "headline": _("Delivered"), "why": _("Gameball has it."), "advice": []}
    if delivery.state == state.CANCELLED:
        return {
            "tone": "quiet",
            "headline": _("Cancelled"),
            "why": _("Somebody cancelled it; its history says who. Gameball does not hear of it."),
            "advice": [],
        }
    reason = texts.reason(str(delivery.history[-1].get("reason") or "")) if delivery.history else None
    return {
        "tone": "bad",
        "headline": _("Failed"),
        "why": (reason.why if reason else "") or texts.error(delivery.error_kind, delivery.gameball_code),
        "advice": [{"text": text} for text in reason.advice] if reason else [],
    }


def _facts(delivery: Delivery, now: Any) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("State"), show.badge(delivery.get_state_display(), texts.STATE_TONES.get(delivery.state, "quiet"))),
        (_("Customer"), links.customer(delivery.account_id, delivery.customer_id)),
    ]
    if delivery.order_id:
        facts.append((_("Order"), show.copyable(delivery.order_id)))
    facts += [
        (_("Account"), delivery.account_id),
        (_("Written"), show.moment(delivery.created_at, now)),
    ]
    if delivery.state not in Delivery.SETTLED:
        facts.append((_("Due"), show.moment(delivery.due_at, now)))
    if delivery.priority == 0:
        facts.append((_("Links until"), show.moment(delivery.deadline_at, now)))
    if delivery.acknowledged_at:
        facts.append((_("Known at Gameball since"), show.moment(delivery.acknowledged_at, now)))
    if delivery.settled_at:
        facts.append((_("Settled"), show.moment(delivery.settled_at, now)))
    facts.append((_("Attempts"), delivery.attempts))
    if delivery.error_kind:
        facts.append((_("Last error"), _problem(delivery)))
        if delivery.error_message:
            facts.append((_("In full"), delivery.error_message))
    if delivery.request_id:
        facts.append((_("Request id"), show.copyable(delivery.request_id)))
    return facts


def _call_row(call: dict[str, Any], now: Any) -> dict[str, Any]:
    kind = str(call.get("kind") or "")
    return {
        "at": show.moment(rows.call_time(call), now),
        "what": texts.CALLS.get(str(call.get("operation")), call.get("operation")),
        "answer": texts.error(kind, call.get("gameball_code")) if kind else _("accepted"),
        "tone": "good" if not kind else "quiet" if call.get("outcome") == "applied" else "bad",
        "status": call.get("status") or "",
        "code": call.get("gameball_code") or "",
        "request_id": show.copyable(str(call.get("request_id") or "")),
    }
