"""``manage.py seed``: puts products on the shelf, and an operator and a first customer into the books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from shop.models import Product

PASSWORD = "demo"
"""Everybody's here. It is a shop to play with."""

PRODUCTS = (
    (
        "mug",
        "Stoneware mug",
        "Holds 30 cl and your morning",
        "Thrown by hand, glazed outside, bare at the foot. Thick enough to keep coffee hot through one long e-mail.",
        "24.00",
    ),
    (
        "kettle",
        "Gooseneck kettle",
        "Pours where you look",
        "A slow, even stream from the first drop to the last. One litre, brushed steel, works on every hob.",
        "68.50",
    ),
    (
        "grinder",
        "Hand grinder",
        "Thirty turns, no noise",
        "Steel burrs in a walnut body. From espresso to French press in twenty-four clicks, and nobody wakes up.",
        "89.00",
    ),
    (
        "beans",
        "House beans",
        "Hazelnut, plum, cocoa",
        "Washed Ethiopian and natural Brazilian, roasted on Tuesdays, sent on Wednesdays. 350 g, whole.",
        "14.90",
    ),
    (
        "carafe",
        "Glass carafe",
        "Six cups, no drips",
        "Borosilicate glass with a leather collar. Goes from the freezer to the table and into the dishwasher.",
        "32.00",
    ),
    (
        "filters",
        "Linen filters",
        "Wash, dry, brew again",
        "A pair of cloth filters for about a year of mornings. They taste of nothing, which is the point.",
        "11.10",
    ),
)


class Command(BaseCommand):
    """Fills an empty shop; what is there already stays."""

    help = "Puts products on the shelf, and an operator (operator/demo) and a customer (ann/demo) into the books."

    def handle(self, *_: Any, **options: Any) -> None:
        for position, (slug, name, tagline, description, price) in enumerate(PRODUCTS):
            Product.objects.get_or_create(
                slug=slug,
                defaults={
                    "name": name,
                    "tagline": tagline,
                    "description": description,
                    "price": Decimal(price),
                    "position": position,
                },
            )
        if not User.objects.filter(username="operator").exists():
            User.objects.create_superuser("operator", "operator@shop.example", PASSWORD)
        if not User.objects.filter(username="ann").exists():
            User.objects.create_user("ann", "ann@shop.example", PASSWORD, first_name="Ann")
        if options["verbosity"]:
            self.stdout.write(f"{Product.objects.count()} products; operator and ann (password: {PASSWORD})")
