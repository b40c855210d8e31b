"""A visitor of an Oscar shop: walks through its own pages, as a browser would."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

PASSWORD = "a long enough pass phrase"


class Visitor:
    """One browser."""

    def __init__(self) -> None:
        self.client = Client()

    def visit(self, path: str = "/catalogue/") -> None:
        assert self.client.get(path, follow=True).status_code == 200

    def _post(self, name: str, data: dict[str, Any], args: tuple[Any, ...] = ()) -> Any:
        response = self.client.post(reverse(name, args=args), data)
        form = (response.context or {}).get("form") if response.status_code == 200 else None
        assert response.status_code == 302, form.errors if form else response.content.decode()
        return response

    def register(self, email: str, **fields: str) -> str:
        """Fill in Oscar's registration page; return the customer's id."""
        self._post(
            "customer:register",
            {"email": email, "password1": PASSWORD, "password2": PASSWORD, "redirect_url": "", **fields},
        )
        return self.customer_id

    def register_beside_login(self, email: str) -> str:
        """Fill in the other half of Oscar's login page."""
        names = {"email": email, "password1": PASSWORD, "password2": PASSWORD, "redirect_url": ""}
        self._post(
            "customer:login",
            {**{f"registration-{name}": value for name, value in names.items()}, "registration_submit": "Register"},
        )
        return self.customer_id

    def register_on_the_way(self, email: str) -> str:
        """Start the checkout as somebody new, whom Oscar sends to the registration and back."""
        sent = self._post("checkout:index", {"username": email, "options": "new"})
        assert sent.url.startswith(reverse("customer:register"))
        return self.register(email, redirect_url=reverse("checkout:shipping-address"))

    @property
    def customer_id(self) -> str:
        return str(self.client.session["_auth_user_id"])

    def choose(self, product: Any, quantity: int = 1) -> None:
        self._post("basket:add", {"quantity": quantity, "action": "add"}, args=(product.pk,))

    def check_out(self, *, guest: str | None = None) -> Any:
        """Go through Oscar's checkout, address to preview, and place the order; return it."""
        if guest:
            self._post("checkout:index", {"username": guest, "options": "anonymous"})
        self.client.get(reverse("checkout:index"))
        self._post(
            "checkout:shipping-address",
            {
                "first_name": "Ben",
                "last_name": "Book",
                "line1": "1 High Street",
                "line4": "Leeds",
                "postcode": "LS1 1AA",
                "country": "GB",
            },
        )
        assert self.client.get(reverse("checkout:shipping-method")).status_code == 302
        assert self.client.get(reverse("checkout:payment-method")).status_code == 302
        assert self.client.get(reverse("checkout:payment-details")).status_code == 200
        assert self.client.post(reverse("checkout:preview")).status_code == 200
        self._post("checkout:preview", {"action": "place_order"})
        thanks = self.client.get(reverse("checkout:thank-you"))
        assert thanks.status_code == 200
        return thanks.context["order"]
