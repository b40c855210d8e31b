from django.apps import AppConfig


class Config(AppConfig):
    name = "saleor.order"
    default_auto_field = "django.db.models.AutoField"
