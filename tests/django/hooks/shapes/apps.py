"""Models of the shapes that shops have."""

from django.apps import AppConfig


class ShapesConfig(AppConfig):
    name = "hooks.shapes"
    label = "shapes"
    default_auto_field = "django.db.models.BigAutoField"
