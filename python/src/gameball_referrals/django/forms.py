"""A field for typed referrer codes, for any sign-up form: Django's own, allauth's, or the shop's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from . import capture, context

if TYPE_CHECKING:
    _Form = forms.BaseForm
else:
    _Form = object


class ReferrerCodeInput(forms.TextInput):
    """A text input which, with its script, says while one types whether Gameball knows the code."""

    class Media:
        css = {"all": ("gameball/gameball.css",)}  # noqa: RUF012 (Django's own)
        js = ("gameball/code.js",)

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        """Add what the script needs; without the app's URLs the field does without."""
        attributes: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        try:
            attributes["data-gameball-validate"] = reverse("gameball:validate")
        except NoReverseMatch:
            return attributes
        attributes["data-valid"] = _("This code is known.")
        attributes["data-invalid"] = _("Nobody has this code. Check it, or go on without.")
        return attributes


class ReferrerCodeField(forms.CharField):
    """A referrer code that somebody types, or a referral link that they paste; it may be left blank.

    Whether Gameball knows the code is not asked here: a sign-up waits for nobody. Its value is the code, or "".
    """

    widget = ReferrerCodeInput
    default_error_messages = {  # noqa: RUF012 (Django's way)
        "invalid": _("This is no referral code. Correct it, or leave the field empty.")
    }

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("label", _("Referral code"))
        options.setdefault("help_text", _("If a friend invited you: their code, or their link."))
        # So that a code that was filled in and then taken out is told from one that was never there.
        options.setdefault("show_hidden_initial", True)
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Keep browsers from correcting and completing codes."""
        attributes = super().widget_attrs(widget)
        attributes.update(autocomplete="off", autocapitalize="off", spellcheck="false")
        return attributes

    def clean(self, value: Any) -> str:
        """Return the code of what was typed or pasted."""
        text: str = super().clean(value)
        if not text:
            return ""
        code = capture.code_typed(text)
        if code is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return code


class ReferrerCodeFormMixin(_Form):
    """Adds the field ``referrer_code`` to a sign-up form; goes before the form class among the bases.

    The field comes filled in with the code of the visitor's claim. What is typed counts instead of it, in the request
    that the form is used in, and so does taking the code out. With allauth::

        class SignupForm(ReferrerCodeFormMixin, forms.Form):      # ACCOUNT_SIGNUP_FORM_CLASS = "shop.forms.SignupForm"
            def signup(self, request, user): ...
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.setdefault("referrer_code", ReferrerCodeField())
        if not self.is_bound and "referrer_code" not in self.initial:
            claim = context.current_claim()
            if claim is not None:
                self.initial["referrer_code"] = claim.code

    def clean(self) -> Any:
        """Tell the request which code was typed, before anything is created."""
        cleaned = super().clean()
        request = context.current_request()
        if request is not None and "referrer_code" not in self.errors:
            code = self.cleaned_data.get("referrer_code", "")
            if code or self._was_taken_out:
                context.typed_code(request, code)
        return cleaned

    @cached_property
    def _was_taken_out(self) -> bool:
        field = self["referrer_code"]
        filled_in = field.field.hidden_widget().value_from_datadict(self.data, self.files, field.html_initial_name)
        return bool(filled_in)
