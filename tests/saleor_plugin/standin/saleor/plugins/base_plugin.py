"""What a plugin inherits. Fact: the constructor's keywords, and how a configuration is read, changed and stored."""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar


class ConfigurationTypeField:
    """Fact: kinds of fields. A SECRET reads back its last four characters and is stored as plain JSON."""

    STRING = "String"
    MULTILINE = "Multiline"
    BOOLEAN = "Boolean"
    SECRET = "Secret"
    SECRET_MULTILINE = "SecretMultiline"
    PASSWORD = "Password"
    OUTPUT = "OUTPUT"


class BasePlugin:
    PLUGIN_NAME = ""
    PLUGIN_ID = ""
    PLUGIN_DESCRIPTION = ""
    CONFIG_STRUCTURE: ClassVar[Any] = None
    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_CONFIGURATION: ClassVar[Any] = []
    DEFAULT_ACTIVE = False
    HIDDEN = False

    def __init__(
        self,
        *,
        configuration: Any,
        active: bool,
        channel: Any = None,
        requestor_getter: Any = None,
        db_config: Any = None,
        allow_replica: bool = True,
    ) -> None:
        self.configuration = self._completed(configuration or [])
        self.active = active
        self.channel = channel
        self.requestor = requestor_getter
        self.db_config = db_config
        self.allow_replica = allow_replica

    def __del__(self) -> None:
        # Fact: a plugin's configuration is emptied when its manager goes.
        self.configuration.clear()

    def _completed(self, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Fact: fields that the structure no longer has are left out, missing ones get their default."""
        known = [copy(item) for item in stored if item["name"] in self.CONFIG_STRUCTURE]
        names = {item["name"] for item in known}
        known += [copy(item) for item in self.DEFAULT_CONFIGURATION if item["name"] not in names]
        self._describe(known)
        return known

    @classmethod
    def _describe(cls, configuration: list[dict[str, Any]]) -> None:
        for item in configuration:
            item.update(cls.CONFIG_STRUCTURE[item["name"]])

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        return

    @classmethod
    def pre_save_plugin_configuration(cls, plugin_configuration: Any) -> None:
        return

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: Any, cleaned_data: dict[str, Any]) -> Any:
        """Fact: null leaves a field alone, booleans come as text, OUTPUT is read only; validate, pre-save, save."""
        stored = {item["name"]: item for item in plugin_configuration.configuration}
        for given in cleaned_data.get("configuration") or ():
            value, field = given.get("value"), cls.CONFIG_STRUCTURE.get(given["name"], {})
            if value is None or field.get("type") == ConfigurationTypeField.OUTPUT:
                continue
            if field.get("type") == ConfigurationTypeField.BOOLEAN and value and not isinstance(value, bool):
                value = value.lower() == "true"
            if given["name"] in stored:
                stored[given["name"]]["value"] = value
            elif field:
                plugin_configuration.configuration.append({"name": given["name"], "value": value})
        if "active" in cleaned_data:
            plugin_configuration.active = cleaned_data["active"]
        cls.validate_plugin_configuration(plugin_configuration)
        cls.pre_save_plugin_configuration(plugin_configuration)
        plugin_configuration.save()
        cls._describe(plugin_configuration.configuration)
        return plugin_configuration

    @classmethod
    def get_default_active(cls) -> bool:
        return cls.DEFAULT_ACTIVE

    def resolve_plugin_configuration(self, request: Any) -> Any:
        return self.configuration
