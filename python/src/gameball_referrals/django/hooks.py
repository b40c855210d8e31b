"""Where the shop's own models meet the outbox: a user's creation and a mapped order's payment.

Under autocommit, Django's default, a model's row is committed before ``post_save`` is sent, so that a process that dies
in between would leave a customer of whom nobody is ever told. Here the hook runs as soon as the row is written, inside
one transaction with it, by way of ``Model._save_table``. That transaction ends before ``post_save``: its receivers find
the row committed, and their errors leave it in place, as without this app. Should some later Django do without that
method, ``post_save`` itself calls the hook (and a system check says so).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from contextlib import nullcontext, suppress
from functools import partial, wraps
from typing import Any, Final, Optional

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import DEFAULT_DB_ALIAS, DatabaseError, models, transaction
from django.db.models.signals import post_save
from django.utils import timezone

from . import conf, context, customers, erasure, mapped_orders, mapping, outbox, signals
from .adapter import get_adapter
from .capture import CurrentClaim

logger = logging.getLogger(__name__)

Hook = Callable[[Any, str, bool, Optional[Collection[str]]], None]
"""Takes the instance that was saved, the database's alias, whether its row is new, and ``update_fields``."""

Minds = Callable[[Any, Optional[Collection[str]]], bool]
"""Takes the instance and ``update_fields``."""

_INSERTED: Final = "_gameball_inserted"
_HOOKED: Final = "_gameball_hooked"
_watched: dict[type[models.Model], bool] = {}
"""The models with a hook, and whether the window before ``post_save`` is closed for each."""


def connect(app_config: AppConfig) -> None:
    """Connect the hooks to the user model and the mapped order models. Doing so again changes nothing."""
    watch(get_user_model(), user_saved)
    connect_orders()
    connect_erasure()
    setting_changed.connect(_settings_changed, dispatch_uid="gameball_referrals.hooks")


def connect_erasure() -> None:
    """Have erasures finished once Gameball has done its part."""
    signals.delivery_settled.connect(erasure.on_settled, dispatch_uid="gameball_referrals.erasure")


def connect_orders() -> None:
    """Connect the models of the setting ``ORDERS``; the system checks tell of those that cannot be used."""
    for each in mapping.mappings():
        watch(each.model, mapped_orders.order_saved, mapped_orders.may_be_paid_by)


def watch(model: type[models.Model], hook: Hook, minds: Minds | None = None) -> None:
    """Have a hook called when an instance of a model, or of a subclass, is saved: in the transaction of its row.

    Args:
        model: the model.
        hook: what is called, after each save but those of fixtures.
        minds: whether an update of these fields needs a transaction with the hook; None: insertions only do.

    """
    table: type[models.Model] = model._meta.concrete_model or model
    if table in _watched:
        return
    _watched[table] = hasattr(table, "_save_table")
    if _watched[table]:
        setattr(table, "_save_table", _with_hook(table, hook, minds))  # noqa: B010 (likewise)

    # The defaults are for shops that send `post_save` by hand, as Oscar does after a bulk update.
    def saved(
        instance: Any,
        created: bool = False,
        raw: bool = False,
        using: str = DEFAULT_DB_ALIAS,
        update_fields: Collection[str] | None = None,
        **_: Any,
    ) -> None:
        if isinstance(instance, table) and not instance.__dict__.pop(_HOOKED, False) and not raw:
            hook(instance, using, created, update_fields)

    # Of all models, since a subclass (a proxy, a child table) is a sender of its own.
    post_save.connect(saved, weak=False, dispatch_uid=f"gameball_referrals.{table._meta.label}")


def unclosed() -> list[str]:
    """Return the labels of watched models whose rows are committed before the hook under autocommit."""
    return [table._meta.label for table, closed in _watched.items() if not closed]


def _with_hook(table: type[models.Model], hook: Hook, minds: Minds | None) -> Callable[..., bool]:
    original: Callable[..., bool] = getattr(table, "_save_table")  # noqa: B009 (no name of Django's public types)

    @wraps(original)
    def _save_table(
        self: Any,
        raw: bool = False,
        cls: type[models.Model] | None = None,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Collection[str] | None = None,
        **others: Any,
    ) -> bool:
        save = partial(original, self, raw, cls, force_insert, force_update, using, update_fields, **others)
        if raw:
            return save()
        is_new = bool(force_insert) or self._state.adding or self.pk is None
        together = is_new or (minds is not None and minds(self, update_fields))
        with transaction.atomic(using=using, savepoint=False) if together else nullcontext():
            updated = save()
            if cls is table and not updated:
                self.__dict__[_INSERTED] = True
            if cls is self._meta.concrete_model:  # the last of its tables
                # What post_save's receivers may rely on, the hook's adapters may, too.
                self._state.db = using
                self.__dict__[_HOOKED] = True
                hook(self, self._state.db, self.__dict__.pop(_INSERTED, False), update_fields)
        return updated

    return _save_table


def user_saved(user: Any, using: str, is_new: bool, update_fields: Collection[str] | None = None) -> None:
    """Write down that a customer is new, with the claim that brought them."""
    if not is_new or not conf.get().ENABLED:
        return
    try:
        adapter = get_adapter()
        if not adapter.is_customer(user):
            return
        claim = _claim(user)
        account = adapter.get_account(user)
        arguments = customers.arguments(user, adapter)
        delivery, referral = customers.registration(arguments, account=account, claim=claim, now=timezone.now())
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        logger.error(
            "A new customer could not be written down for Gameball; `gameball_reconcile` will find them: %s",
            customers.in_short(error),
        )
        return
    outbox.write([delivery], referral=referral, within=using)


def _claim(user: Any) -> CurrentClaim | None:
    try:
        return get_adapter().get_claim(user, context.current_request())
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        logger.error("A new customer's claim could not be read, and counts as none: %s", customers.in_short(error))
        return None


def _settings_changed(*, setting: str, **_: Any) -> None:
    if setting == conf.NAME:
        with suppress(ImproperlyConfigured):  # whoever reads the settings next is told
            connect_orders()
