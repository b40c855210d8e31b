"""Facts: the e-mail address is the user name, ``is_confirmed`` starts false, metadata are a JSON object."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class User(AbstractBaseUser):
    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=256, blank=True)
    last_name = models.CharField(max_length=256, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_confirmed = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    language_code = models.CharField(max_length=35, default="en")
    metadata = models.JSONField(default=dict)
    private_metadata = models.JSONField(default=dict)

    USERNAME_FIELD = "email"
    objects = BaseUserManager()

    def get_full_name(self) -> str:
        # Fact: without a name it is the e-mail address.
        return f"{self.first_name} {self.last_name}".strip() or self.email
