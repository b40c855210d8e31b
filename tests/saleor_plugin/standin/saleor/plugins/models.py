"""Fact: a plugin's configuration is plain JSON in this table."""

from django.db import models

from saleor.channel.models import Channel


class PluginConfiguration(models.Model):
    identifier = models.CharField(max_length=128)
    channel = models.ForeignKey(Channel, models.CASCADE, null=True)
    active = models.BooleanField(default=False)
    configuration = models.JSONField(default=list)

    class Meta:
        unique_together = ("identifier", "channel")
