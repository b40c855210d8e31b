from django.db import models


class Channel(models.Model):
    slug = models.SlugField(unique=True)
