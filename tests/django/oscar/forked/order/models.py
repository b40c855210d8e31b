"""An order model of the shop's own, as ``oscar_fork_app`` would start one."""

from oscar.apps.order.abstract_models import AbstractOrder


class Order(AbstractOrder):
    def set_date_placed_default(self) -> None:
        super().set_date_placed_default()


from oscar.apps.order.models import *  # noqa: E402, F403
