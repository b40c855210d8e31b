"""The form of the keys: the admin's own, without what only an operator of this server decides."""

from __future__ import annotations

from typing import Any

from gameball_referrals.django import conf
from gameball_referrals.django.admin.account_form import AccountForm


class KeysForm(AccountForm):
    """An account's keys and the way they are used. Where Gameball is, staff of a Saleor don't decide."""

    class Meta(AccountForm.Meta):
        fields = ("api_version", "high_security")  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("class", None)
        default = conf.get().API_VERSION or "v4.0"
        self.fields["api_version"].widget.choices = [
            ("", default),
            *((value, value) for value in ("v4.0", "v4.1") if value != default),
        ]
