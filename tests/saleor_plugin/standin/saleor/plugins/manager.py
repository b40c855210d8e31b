"""The plugin manager. Facts: it calls hooks with a keyword ``previous_value`` and catches nothing that they raise."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from .models import PluginConfiguration


class PluginsManager:
    def __init__(self, *, allow_replica: bool = True) -> None:
        self.allow_replica = allow_replica
        # Fact: where a replica may be read, configurations are read from it.
        self.database = "replica" if allow_replica else "default"
        stored = {row.identifier: row for row in PluginConfiguration.objects.using(self.database).filter(channel=None)}
        self.global_plugins = []
        for path in settings.PLUGINS:
            plugin_class = import_string(path)
            row = stored.get(plugin_class.PLUGIN_ID)
            # Fact: a plugin that is configured per channel is not among the global ones, which user hooks see.
            if plugin_class.CONFIGURATION_PER_CHANNEL:
                continue
            self.global_plugins.append(
                plugin_class(
                    configuration=row.configuration if row else plugin_class.DEFAULT_CONFIGURATION,
                    active=row.active if row else plugin_class.get_default_active(),
                    requestor_getter=None,
                    db_config=row,
                    allow_replica=allow_replica,
                )
            )

    def _run(self, method: str, value: Any, *args: Any, **kwargs: Any) -> Any:
        for plugin in self.global_plugins:
            hook = getattr(plugin, method, NotImplemented)
            if not plugin.active or hook is NotImplemented:
                continue
            returned = hook(*args, **kwargs, previous_value=value)
            value = value if returned is NotImplemented else returned
        return value

    def customer_created(self, customer: Any) -> Any:
        return self._run("customer_created", None, customer)

    def account_confirmed(self, user: Any) -> Any:
        return self._run("account_confirmed", None, user)

    def order_created(self, order: Any, webhooks: Any = None) -> Any:
        return self._run("order_created", None, order, webhooks=webhooks)

    def order_confirmed(self, order: Any, webhooks: Any = None) -> Any:
        return self._run("order_confirmed", None, order, webhooks=webhooks)

    def order_fully_paid(self, order: Any, webhooks: Any = None) -> Any:
        return self._run("order_fully_paid", None, order, webhooks=webhooks)

    def plugin(self, plugin_id: str) -> Any:
        return next(plugin for plugin in self.global_plugins if plugin_id == plugin.PLUGIN_ID)

    def save_plugin_configuration(self, plugin_id: str, cleaned_data: dict[str, Any]) -> Any:
        plugin = self.plugin(plugin_id)
        row, _ = PluginConfiguration.objects.using(self.database).get_or_create(
            identifier=plugin_id, channel=None, defaults={"configuration": plugin.configuration}
        )
        saved = plugin.save_plugin_configuration(row, cleaned_data)
        plugin.active, plugin.configuration = saved.active, saved.configuration
        return saved


def as_the_dashboard_shows(manager: PluginsManager, plugin_id: str) -> dict[str, Any]:
    """Fact: the API hides secrets but for their last four characters."""
    plugin = manager.plugin(plugin_id)
    for item in plugin.configuration:
        kind = plugin.CONFIG_STRUCTURE[item["name"]]["type"]
        if kind == "Secret":
            item["value"] = item["value"][-4:] or None
    return {item["name"]: item["value"] for item in plugin.resolve_plugin_configuration(None)}
