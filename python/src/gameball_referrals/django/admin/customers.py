"""The page *Look up a customer*: what is known of anybody, referred or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import erasure
from gameball_referrals.django.adapter import get_adapter
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Delivery, Referral

from . import links
from .lists import account_keys

if TYPE_CHECKING:
    from .referrals import ReferralAdmin


class LookupForm(forms.Form):
    """Whom to look up."""

    who = forms.CharField(
        label=gettext_lazy("Customer"),
        max_length=255,
        help_text=gettext_lazy("The customer id, the user name, or an e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 40, "class": "vTextField"}),
    )

    def __init__(self, *args: Any, accounts: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = accounts or [DEFAULT_ACCOUNT]
        widget = forms.Select() if len(keys) > 1 else forms.HiddenInput()
        self.fields["account"] = forms.ChoiceField(
            label=_("Account"), choices=[(key, key) for key in keys], required=len(keys) > 1, widget=widget
        )


def view(model_admin: ReferralAdmin, request: HttpRequest) -> HttpResponse:
    """Show the form, and what is known of whom was asked for.

    The form is posted, so that an e-mail address reaches no log of URLs; the id it leads to is then in the URL.
    """
    from .referrals import page

    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    accounts = account_keys(request)
    if request.method == "POST":
        form = LookupForm(request.POST, accounts=accounts)
        if form.is_valid():
            account = form.cleaned_data["account"] or DEFAULT_ACCOUNT
            return HttpResponseRedirect(links.customer_url(account, _customer_id(account, form.cleaned_data["who"])))
    else:
        form = LookupForm(
            initial={"who": request.GET.get("id", ""), "account": request.GET.get("account")}, accounts=accounts
        )
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Look up a customer"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "form": form,
    }
    customer_id = request.GET.get("id", "").replace("\0", "")
    if customer_id and request.method != "POST":
        account = request.GET.get("account", "").replace("\0", "") or DEFAULT_ACCOUNT
        referral = Referral.objects.filter(account_id=account, customer_id=customer_id).first()
        context["gb"] = page(request, account, customer_id, referral, timezone.now())
        context["referral"] = referral
        context["subtitle"] = _("Customer %(customer)s") % {"customer": customer_id}
    return TemplateResponse(request, "admin/gameball/referral/customer.html", context)


def _customer_id(account: str, who: str) -> str:
    """Find out whose id is meant: one that is known as it stands, a user's name, or an e-mail address."""
    known = {"account_id": account, "customer_id": who}
    if Referral.objects.filter(**known).exists() or Delivery.objects.filter(**known).exists():
        return who
    users = get_user_model()
    try:
        return get_adapter().get_customer_id(users._default_manager.get_by_natural_key(who))
    except (ObjectDoesNotExist, MultipleObjectsReturned, AttributeError):
        if "@" not in who:
            return who
    targets = [target for target in erasure.find(who) if target.account == account]
    # Of a guest and a user with one address, the user; of several users, the newest.
    return targets[-1].customer_id if targets else guest_customer_id(who)
