"""The basket: product ids and quantities in the visitor's session."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest

from .models import Product

SESSION_KEY = "basket"
MOST = 20


@dataclass(frozen=True)
class Line:
    """One product in a basket."""

    product: Product
    quantity: int

    @property
    def total(self) -> Decimal:
        return self.product.price * self.quantity


class Basket:
    """A visitor's basket."""

    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session
        self._quantities: dict[str, int] = self._session.get(SESSION_KEY, {})

    def set(self, product: Product, quantity: int) -> None:
        if quantity > 0:
            self._quantities[str(product.pk)] = min(quantity, MOST)
        else:
            self._quantities.pop(str(product.pk), None)
        self._session[SESSION_KEY] = self._quantities

    def add(self, product: Product, quantity: int = 1) -> None:
        self.set(product, self._quantities.get(str(product.pk), 0) + quantity)

    def clear(self) -> None:
        self._session.pop(SESSION_KEY, None)
        self._quantities = {}

    @property
    def lines(self) -> list[Line]:
        products = Product.objects.in_bulk([int(key) for key in self._quantities])
        return [Line(product, self._quantities[str(key)]) for key, product in products.items()]

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal("0.00"))

    def __len__(self) -> int:
        return sum(self._quantities.values())


def basket(request: HttpRequest) -> dict[str, Basket]:
    """Put the basket into every template."""
    return {"basket": Basket(request)}
