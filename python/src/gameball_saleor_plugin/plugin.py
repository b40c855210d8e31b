"""The plugin as Saleor's plugin manager knows it: its fields in the Dashboard, and its hooks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, ClassVar, Final

from django.core.exceptions import ImproperlyConfigured, ValidationError
from gameball_referrals.django.customers import in_short
from gameball_referrals.exceptions import GameballError
from saleor.plugins.base_plugin import BasePlugin, ConfigurationTypeField

from . import keys, recording, standing, switches
from .database import allow_writer

logger = logging.getLogger(__name__)

MISCONFIGURED: Final = "plugin-misconfigured"
"""Saleor's code for what ``validate_plugin_configuration`` refuses."""


class GameballPlugin(BasePlugin):  # type: ignore[misc]
    """Tells Gameball of new customers and of their first paid order.

    Saleor calls the hooks after its own work is committed, in the request or in a task, and catches nothing. They only
    write to the outbox; see ``recording.py``.
    """

    PLUGIN_ID = switches.PLUGIN_ID
    PLUGIN_NAME = "Gameball referrals"
    PLUGIN_DESCRIPTION = (
        "Rewards customers who bring friends: tells Gameball of each new customer, with the code that brought them, "
        "and of their first fully paid order."
    )
    # The hooks that bring users see no plugin that is configured per channel.
    CONFIGURATION_PER_CHANNEL = False
    # The Dashboard lists active plugins only. Whether anything happens is the field `enabled`.
    DEFAULT_ACTIVE = True
    DEFAULT_CONFIGURATION: ClassVar = [
        {"name": "enabled", "value": False},
        {"name": "api_key", "value": ""},
        {"name": "secret_key", "value": ""},
        {"name": "after_confirmation", "value": False},
        {"name": "high_security", "value": False},
        {"name": "secure_integration", "value": False},
        {"name": "status", "value": ""},
    ]
    CONFIG_STRUCTURE: ClassVar = {
        "enabled": {
            "type": ConfigurationTypeField.BOOLEAN,
            "label": "Send referrals to Gameball",
            "help_text": "From the moment this is switched on. While it is off nothing is recorded.",
        },
        "api_key": {
            "type": ConfigurationTypeField.SECRET,
            "label": "API key",
            "help_text": "From Gameball's dashboard. Stored sealed; only its last characters are ever shown.",
        },
        "secret_key": {
            "type": ConfigurationTypeField.SECRET,
            "label": "Secret key",
            "help_text": "Also called transaction key. Orders need it. Stored as the API key is.",
        },
        "after_confirmation": {
            "type": ConfigurationTypeField.BOOLEAN,
            "label": "Wait for the e-mail confirmation",
            "help_text": "A new customer counts once they have confirmed their address, not as soon as they register.",
        },
        "high_security": {
            "type": ConfigurationTypeField.BOOLEAN,
            "label": "High Security Mode",
            "help_text": "As it is switched in Gameball's dashboard.",
        },
        "secure_integration": {
            "type": ConfigurationTypeField.BOOLEAN,
            "label": "Secure Integration Mode (API v4.1)",
            "help_text": "As it is switched in Gameball's dashboard.",
        },
        "status": {
            "type": ConfigurationTypeField.OUTPUT,
            "label": "How things stand",
            "help_text": "As of when this page was opened.",
        },
    }

    def customer_created(self, customer: Any, previous_value: Any) -> Any:
        """Saleor calls this when somebody has registered, before they have confirmed their address."""
        self._record(recording.customer, customer)
        return previous_value

    def account_confirmed(self, user: Any, previous_value: Any) -> Any:
        """Saleor calls this when somebody has confirmed their address."""
        self._record(recording.customer, user)
        return previous_value

    def order_created(self, order: Any, previous_value: Any, webhooks: Any = None) -> Any:
        """Saleor calls this for every order; some are paid by then, such as those that cost nothing."""
        self._record(recording.order, order)
        return previous_value

    def order_confirmed(self, order: Any, previous_value: Any, webhooks: Any = None) -> Any:
        """Saleor calls this when an order is confirmed, at once or by the shop's staff."""
        self._record(recording.order, order)
        return previous_value

    def order_fully_paid(self, order: Any, previous_value: Any, webhooks: Any = None) -> Any:
        """Saleor calls this when nothing is left to pay, also when somebody marks an order as paid."""
        self._record(recording.order, order)
        return previous_value

    def _record(self, record: Callable[[Any], None], what: Any) -> None:
        """Do a hook's work if the plugin is on. It raises nothing, whatever happens."""
        try:
            mine = switches.Switches.of(self.configuration, active=self.active)
            if not mine.enabled:
                return
            switches.note(mine)
            values = switches.values_of(self.configuration)
            if any(keys.is_plain(values.get(name)) for name in keys.NAMES):
                recording.quietly("A key", keys.adopt_stored)
            record(what)
        except Exception as error:  # noqa: BLE001 (an order must never fail because of a referral)
            logger.error("A hook failed: %s", in_short(error))

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse a configuration that cannot work, and say why; Gameball is asked about keys that are new.

        Raises:
            ValidationError: with a plain sentence for the field.

        """
        values = switches.values_of(plugin_configuration.configuration)
        if not switches.Switches.of(plugin_configuration.configuration, active=plugin_configuration.active).enabled:
            return
        try:
            credentials = keys.candidate(values)
        except (GameballError, ImproperlyConfigured) as error:
            raise _refused("api_key", str(error)) from None
        if credentials is None:
            raise _refused("api_key", "Paste the API key from Gameball's dashboard first, then switch it on.")
        if any(keys.is_plain(values.get(name)) for name in keys.NAMES):
            wrong = keys.refusal(credentials)
            if wrong is not None:
                raise _refused(*wrong)

    @classmethod
    def pre_save_plugin_configuration(cls, plugin_configuration: Any) -> None:
        """Take the keys out of what Saleor is about to store, and seal them into the account."""
        keys.adopt(plugin_configuration.configuration, active=plugin_configuration.active)

    def resolve_plugin_configuration(self, request: Any) -> Any:
        """Return what the Dashboard shows, with how things stand right now."""
        for item in self.configuration:
            if item["name"] == "status":
                item["value"] = _standing()
        return self.configuration


def _standing() -> str:
    try:
        with allow_writer():
            return standing.told()
    except Exception as error:  # noqa: BLE001 (the page has to open, whatever the tables are like)
        logger.error("How things stand with Gameball could not be read: %s", in_short(error))
        return "It cannot be told right now. Has `manage.py migrate` been run since the plugin was installed?"


def _refused(field: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=MISCONFIGURED)})
