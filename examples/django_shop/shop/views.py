"""The shop's pages."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from .basket import Basket
from .forms import CheckoutForm, SignUpForm
from .models import Order, OrderLine, Product


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/home.html", {"products": Product.objects.all()})


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "shop/product.html", {"product": get_object_or_404(Product, slug=slug)})


@require_http_methods(["GET", "HEAD", "POST"])
def basket(request: HttpRequest) -> HttpResponse:
    """Show the basket; a post adds to it (``add``) or sets a quantity (``quantity``)."""
    if request.method == "POST":
        wanted = get_object_or_404(Product, slug=request.POST.get("product"))
        if request.POST.get("quantity", "").isdecimal():
            Basket(request).set(wanted, int(request.POST["quantity"]))
        else:
            Basket(request).add(wanted)
            messages.success(request, f"{wanted.name} is in your basket.")
        return redirect("basket")
    return render(request, "shop/basket.html")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # Nothing of Gameball here: the app sees that a user was created, in the same transaction.
        login(request, form.save())
        messages.success(request, "Welcome! Your account is ready.")
        return redirect("account")
    return render(request, "shop/sign_up.html", {"form": form})


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/account.html", {"orders": request.user.orders.prefetch_related("lines")})


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Take name and address, write the order, and go to the till. Guests are welcome."""
    chosen = Basket(request)
    if not chosen.lines:
        return redirect("basket")
    user = request.user if request.user.is_authenticated else None
    form = CheckoutForm(
        request.POST or None, initial={"name": user.get_full_name(), "email": user.email} if user else {}
    )
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            order = form.save(commit=False)
            order.customer = user
            order.total = chosen.total
            order.save()
            OrderLine.objects.bulk_create(
                OrderLine(
                    order=order,
                    product=line.product,
                    title=line.product.name,
                    quantity=line.quantity,
                    price=line.product.price,
                )
                for line in chosen.lines
            )
        chosen.clear()
        return redirect("pay", order.number)
    return render(request, "shop/checkout.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Pretend to take the money; a real shop's payment provider calls back instead."""
    order = get_object_or_404(Order, number=number)
    if order.paid_at:
        return redirect(order)
    if request.method == "POST":
        order.paid_at = timezone.now()
        # Nor here: the mapping in the settings says when an order is paid.
        order.save(update_fields=["paid_at"])
        return redirect(order)
    return render(request, "shop/pay.html", {"order": order})


@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "shop/order.html", {"order": get_object_or_404(Order, number=number)})
