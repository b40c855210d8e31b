"""A user model of a shop's own: no user name, no staff flag, another key, another date."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class People(BaseUserManager["Person"]):
    def create_user(self, contact: str, password: str | None = None, **values: Any) -> Person:
        person = self.model(contact=contact, **values)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    contact = models.EmailField(unique=True)
    phone = models.CharField(max_length=40, blank=True)
    since = models.DateField(default=timezone.localdate)
    is_clerk = models.BooleanField(default=False)

    objects = People()
    USERNAME_FIELD = "contact"
    EMAIL_FIELD = "contact"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
