"""Compares what the plugin and the stand-in take for granted with Saleor's own source: ``against_saleor.py GIT REV…``.

No test of the suite, since Saleor's source is not part of this repository: run it on a clone when a Saleor is released.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOOKS = ("customer_created", "account_confirmed", "order_created", "order_confirmed", "order_fully_paid")
CLASS_ATTRIBUTES = ("PLUGIN_ID", "PLUGIN_NAME", "CONFIG_STRUCTURE", "CONFIGURATION_PER_CHANNEL", "DEFAULT_ACTIVE")
METHODS = (
    "validate_plugin_configuration", "pre_save_plugin_configuration", "save_plugin_configuration",
    "resolve_plugin_configuration",
)  # fmt: skip
FIELDS = {
    "saleor/account/models.py": (
        "User", ("email", "first_name", "last_name", "is_staff", "is_confirmed", "date_joined", "language_code")
    ),
    "saleor/order/models.py": (
        "Order",
        (
            "id", "number", "created_at", "origin", "charge_status", "user", "user_email", "channel", "checkout_token",
            "currency", "total_gross_amount", "total_net_amount", "undiscounted_total_gross_amount",
            "shipping_price_gross_amount", "total_charged_amount",
        ),
    ),
    "saleor/plugins/models.py": ("PluginConfiguration", ("identifier", "channel", "active", "configuration")),
    "saleor/core/models.py": ("ModelWithMetadata", ("metadata",)),
}  # fmt: skip
LINE = ("product_name", "variant_name", "product_sku", "quantity", "unit_price_gross_amount", "order")


def main(repository: str, revisions: list[str]) -> int:
    wrong = 0
    for revision in revisions:
        found = list(problems(repository, revision))
        print(f"{revision}: {'as taken for granted' if not found else ''}")
        for problem in found:
            print(f"  {problem}")
        wrong += len(found)
    return 1 if wrong else 0


def problems(repository: str, revision: str) -> list[str]:
    def read(path: str) -> str:
        command = ["git", "-C", repository, "show", f"{revision}:{path}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def classes(path: str) -> dict[str, ast.ClassDef]:
        return {node.name: node for node in ast.parse(read(path)).body if isinstance(node, ast.ClassDef)}

    found = []
    base = classes("saleor/plugins/base_plugin.py")["BasePlugin"]
    own = ast.parse((HERE / "standin/saleor/plugins/base_plugin.py").read_text())
    standin = next(node for node in own.body if isinstance(node, ast.ClassDef) and node.name == "BasePlugin")
    if keywords(base) != keywords(standin):
        found.append(f"BasePlugin takes {keywords(base)}")
    found += [f"BasePlugin has no {name}" for name in (*CLASS_ATTRIBUTES, *METHODS) if name not in names(base)]
    manager = classes("saleor/plugins/manager.py")["PluginsManager"]
    for hook in HOOKS:
        method = function(manager, hook)
        arguments = [each.arg for each in method.args.args] if method else []
        if len(arguments) < 2 or (hook.startswith("order") and arguments[2:] not in ([], ["webhooks"])):
            found.append(f"the manager's {hook} takes {arguments}")
    if "plugin_method(*args, **kwargs, previous_value=previous_value)" not in read("saleor/plugins/manager.py"):
        found.append("the manager calls hooks in another way")
    for path, (name, fields) in FIELDS.items():
        found += [f"{name} has no {field}" for field in fields if field not in names(classes(path)[name])]
    line = names(classes("saleor/order/models.py")["OrderLine"])
    found += [f"OrderLine has no {field}" for field in LINE if field not in line]
    settings = read("saleor/settings.py")
    found += [
        f"settings.py lacks {text!r}"
        for text in ("INSTALLED_APPS.append(entry_point.name)", "CELERY_BEAT_SCHEDULE", "CELERY_TASK_ALWAYS_EAGER")
        if text not in settings
    ]
    if "def allow_writer()" not in read("saleor/core/db/connection.py"):
        found.append("there is no allow_writer")
    return found


def names(node: ast.ClassDef) -> set[str]:
    found = set()
    for each in node.body:
        if isinstance(each, ast.Assign):
            found |= {target.id for target in each.targets if isinstance(target, ast.Name)}
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            found.add(each.target.id)
        elif isinstance(each, ast.FunctionDef):
            found.add(each.name)
    return found


def function(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == name), None)


def keywords(node: ast.ClassDef) -> list[str]:
    method = function(node, "__init__")
    return [each.arg for each in method.args.kwonlyargs] if method else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
