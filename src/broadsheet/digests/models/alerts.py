"""Alerts: saved searches that tell of a paper the moment it lands."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models import Reader
from broadsheet.library.models import Paper


class Alert(models.Model):
    """A search that a reader saved. New papers that match are mailed, posted to a webhook, or just kept for its feed.

    `key` names its feed; `secret` signs what is posted to `url`. It concerns changes after `since` alone. While nothing
    gets through to `url`, `failing_since` says from when on.
    """

    class Means(models.TextChoices):
        """How a match is told."""

        MAIL = "mail"
        WEBHOOK = "webhook"
        FEED = "feed"

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="alerts")
    key = models.CharField(max_length=22, unique=True)
    query = models.CharField(max_length=300)
    means = models.CharField(max_length=10, choices=Means.choices, default=Means.MAIL)
    url = models.URLField(max_length=500, blank=True)
    secret = models.CharField(max_length=43, blank=True)
    since = models.BigIntegerField()
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reader", "query", "means", "url"], name="one_alert_of_a_kind"),
        ]

    def __str__(self) -> str:
        return self.query


class AlertMatch(models.Model):
    """A paper that matched an alert, found once, told once, in the `message` of this name; the first time names it."""

    class State(models.TextChoices):
        """How far the telling got; what only feeds keeps is told at once."""

        QUEUED = "queued"
        SENDING = "sending"
        TOLD = "told"
        FAILED = "failed"
        UNKNOWN = "unknown"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="matches")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    message = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["alert", "paper"], name="one_match_a_paper")]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=models.Q(state="queued"), name="matches_queued"),
            models.Index(fields=["claimed_at"], condition=models.Q(state="sending"), name="matches_sending"),
            models.Index(fields=["alert", "-seq"], name="matches_of_an_alert"),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} for alert {self.alert_id}"


class Position(models.Model):
    """How far a follower that lives in the database has read the journal; it moves with what it wrote."""

    name = models.CharField(max_length=40, unique=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at #{self.seq}"
