"""The shop's own tables in the admin."""

from django.contrib import admin

from .models import Order, OrderLine, Product


class Lines(admin.TabularInline):
    model = OrderLine
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ("number", "name", "total", "created_at", "paid_at")
    list_filter = ("paid_at",)
    search_fields = ("number", "email")
    inlines = (Lines,)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ("name", "price")
    prepopulated_fields = {"slug": ("name",)}
