"""The account's form: keys go in and never come out, and obvious mistakes are refused before Gameball sees them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from gameball_referrals import Client, _defaults, vault
from gameball_referrals.courier import key_environment
from gameball_referrals.django import accounts, conf
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Account
from gameball_referrals.exceptions import ConfigurationError

KEY_FIELDS = ("api_key", "secret_key")

LONGEST_KEY = 500


def _key_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST_KEY,
        # Whitespace around a pasted key is no mistake; inside of it, it is.
        strip=True,
        widget=forms.PasswordInput(
            render_value=False,
            attrs={"autocomplete": "new-password", "spellcheck": "false", "class": "vTextField gb-key"},
        ),
    )


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account, with its keys as write-only fields."""

    api_key = _key_field(gettext_lazy("API key"))
    secret_key = _key_field(gettext_lazy("Secret key"))
    remove_api_key = forms.BooleanField(label=gettext_lazy("Remove the saved API key"), required=False)
    remove_secret_key = forms.BooleanField(label=gettext_lazy("Remove the saved secret key"), required=False)

    class Meta:
        """What of the account is edited as it is."""

        model = Account
        fields = ("key", "enabled", "api_version", "base_url", "high_security")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The form writes into the instance as it is cleaned.
        self.instance_base_url = self.instance.base_url
        for name in KEY_FIELDS:
            if name not in self.fields:  # somebody who may only look
                continue
            saved = getattr(self.instance, f"{name}_fingerprint")
            self.fields[name].help_text = self._help(name, saved)
            if not saved:
                del self.fields[f"remove_{name}"]

    def _help(self, name: str, saved: str) -> str:
        if saved:
            return _("One is saved; leave empty to keep it. It is never shown again.")
        mine = self.instance.pk == DEFAULT_ACCOUNT and not self.instance._state.adding
        # A saved API key puts the other keys of the settings out of use as well.
        origin = conf.origin(name.upper()) if mine and not self.instance.api_key_sealed else None
        if origin == "environment":
            return _(
                "The environment variable %(name)s gives one. Keys saved here replace those of the environment."
            ) % {"name": f"GAMEBALL_{name.upper()}"}
        if origin == "settings":
            return _("The settings (%(name)s) give one. Keys saved here replace those of the settings.") % {
                "name": f"{conf.NAME}[{name.upper()!r}]"
            }
        if name == "api_key":
            return _("From Gameball's dashboard. It is stored encrypted, and never shown again.")
        return _("Also called transaction key, beside the API key. Orders and erasures need it.")

    # --- What is refused --------------------------------------------------------------------------------------

    @sensitive_variables()
    def clean_api_key(self) -> str:
        """Refuse what cannot be a key."""
        return _clean_key(self.cleaned_data["api_key"])

    @sensitive_variables()
    def clean_secret_key(self) -> str:
        """Refuse what cannot be a key."""
        return _clean_key(self.cleaned_data["secret_key"])

    def clean_base_url(self) -> str:
        """Take the whitespace off."""
        return str(self.cleaned_data["base_url"]).strip()

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Refuse keys that are mixed up, and settings that cannot work."""
        data = super().clean() or self.cleaned_data
        for name in KEY_FIELDS:
            if data.get(name) and data.get(f"remove_{name}"):
                self.add_error(f"remove_{name}", _("Either enter a new key or remove the saved one."))
        if not self.errors:
            self._refuse_mixed_up(data)
        if not self.errors:
            self._refuse_incomplete(data)
        if not self.errors:
            self._refuse_unworkable(data)
        if not self.errors:
            self._refuse_elsewhere(data)
        return data

    @sensitive_variables()
    def _fingerprint(self, data: dict[str, Any], name: str) -> str:
        """Return the fingerprint that the account will have; "" for none."""
        if data.get(name):
            return vault.fingerprint(data[name])
        return "" if data.get(f"remove_{name}") else str(getattr(self.instance, f"{name}_fingerprint"))

    @sensitive_variables()
    def _refuse_mixed_up(self, data: dict[str, Any]) -> None:
        api_key, secret_key = data.get("api_key") or "", data.get("secret_key") or ""
        fingerprint = {name: self._fingerprint(data, name) for name in KEY_FIELDS}
        if fingerprint["api_key"] and fingerprint["api_key"] == fingerprint["secret_key"]:
            name = "secret_key" if secret_key else "api_key"
            self.add_error(
                name, _("API key and secret key are the same. They are two different keys; copy the other one.")
            )
            return
        kinds = key_environment(api_key) if api_key else "", key_environment(secret_key) if secret_key else ""
        crossed = (
            (api_key and vault.fingerprint(api_key) == self.instance.secret_key_fingerprint)
            or (secret_key and vault.fingerprint(secret_key) == self.instance.api_key_fingerprint)
            or (kinds[0] == "unknown" and kinds[1] in ("test", "live"))
        )
        if crossed:
            self.add_error(None, _("API key and secret key look swapped: exchange the two."))
        elif {"test", "live"} == set(kinds):
            self.add_error(None, _("One key is for test data and the other for live data. Copy both from one account."))

    @sensitive_variables()
    def _refuse_incomplete(self, data: dict[str, Any]) -> None:
        api_key, secret_key = self._fingerprint(data, "api_key"), self._fingerprint(data, "secret_key")
        given = not api_key and self._pk(data) == DEFAULT_ACCOUNT
        if secret_key and not api_key:
            self.add_error(
                "api_key",
                _("Enter the API key, too: saved keys and those of the settings are not mixed.")
                if given and conf.get().API_KEY
                else _("Enter the API key, too."),
            )
            return
        if given:
            secret_key, api_key = secret_key or conf.get().SECRET_KEY or "", conf.get().API_KEY or ""
        settings = conf.get()
        version = data.get("api_version") or settings.API_VERSION or ""
        if api_key and not secret_key and (version == "v4.1" or data.get("high_security") or settings.HIGH_SECURITY):
            self.add_error(
                "secret_key", _("With API version v4.1, and with High Security Mode, every call needs the secret key.")
            )

    def _pk(self, data: dict[str, Any]) -> str:
        return str(self.instance.pk if not self.instance._state.adding else data.get("key") or "")

    @sensitive_variables()
    def _refuse_unworkable(self, data: dict[str, Any]) -> None:
        # The client's own rules for addresses and versions decide; no key that matters is at hand, nor needed.
        settings = conf.get()
        options: dict[str, Any] = {"allow_plain_http": settings.ALLOW_PLAIN_HTTP}
        for name, given in (("base_url", settings.BASE_URL), ("api_version", settings.API_VERSION)):
            value = data.get(name) or given
            if value:
                options[name] = value
        try:
            Client(data.get("api_key") or "api-key", data.get("secret_key") or "secret-key", **options).close()
        except ConfigurationError as error:
            plain = error.field == "base_url" and str(options.get("base_url", "")).lower().startswith("http://")
            message = (
                _(
                    "This is plain HTTP, which would show the keys to the network: use https. "
                    "Only addresses of this machine may do without."
                )
                if plain
                else str(error).partition(": ")[2] or str(error)
            )
            self.add_error(error.field if error.field in self.fields else None, message)

    def _refuse_elsewhere(self, data: dict[str, Any]) -> None:
        """Refuse to send keys to a new address that whoever changes it has not entered themselves."""
        trusted = conf.get().BASE_URL or _defaults.BASE_URL
        address = _origin(data.get("base_url") or trusted)
        if address == _origin(trusted):
            return
        if address != _origin(self.instance_base_url or trusted):
            kept = [name for name in KEY_FIELDS if self._fingerprint(data, name) and not data.get(name)]
            for name in kept:
                self.add_error(name, _("Saved keys are not sent to another address: enter this one again."))
        if not self._fingerprint(data, "api_key") and self._pk(data) == DEFAULT_ACCOUNT and conf.get().API_KEY:
            self.add_error(
                "base_url",
                _("The keys of the settings go to the address of the settings only: enter keys here, or set %(name)s.")
                % {"name": f"{conf.NAME}['BASE_URL']"},
            )

    # --- Saving -----------------------------------------------------------------------------------------------

    @sensitive_variables()
    def keys(self) -> dict[str, str]:
        """Return what ``accounts.set_keys`` shall do; nothing for a key that stays."""
        data, keys = self.cleaned_data, {}
        for name in KEY_FIELDS:
            if data.get(f"remove_{name}"):
                keys[name] = ""
            elif data.get(name):
                keys[name] = data[name]
        return keys

    @sensitive_variables()
    def save(self, commit: bool = True) -> Account:
        """Seal the keys into the account."""
        account: Account = super().save(commit=False)
        accounts.set_keys(account, **self.keys())
        if commit:
            account.save()
            self.save_m2m()
        return account


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url.strip())
    return parts.scheme.lower(), parts.netloc.lower()


@sensitive_variables()
def _clean_key(value: str) -> str:
    if any(character.isspace() for character in value):
        raise ValidationError(_("There is a space or a line break in it: copy the key alone."))
    if not value.isascii() or not value.isprintable():
        raise ValidationError(_("There are characters in it that no key has: copy it again."))
    if value and {value[0], value[-1]} & set("\"'`"):
        raise ValidationError(_("There are quotation marks around it: copy the key alone."))
    if value and len(set(value)) == 1:
        raise ValidationError(_("This is the dashboard's way to hide a key. Show the key there, and copy it."))
    return value
