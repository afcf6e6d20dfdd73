"""Subscribers: confirmed addresses, what they want and when, and addresses that get no mail."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from broadsheet.community.models import Reader
from broadsheet.library.models import Paper


class Subscriber(models.Model):
    """An address that asked for a digest. Mail goes to it only between `confirmed_at` and `left_at`.

    `next_at` is when its next issue is due, `mail_at` when a mail about the subscription itself is, such as one that
    asks to confirm. `key` begins every link it gets, and a new one ends all links at once. Who left keeps a row without
    an address, so that links go on saying so.
    """

    class Rhythm(models.TextChoices):
        """On which days an issue comes."""

        DAILY = "daily"
        WEEKDAYS = "weekdays"
        WEEKLY = "weekly"

    address = models.EmailField(max_length=254)
    reader = models.OneToOneField(Reader, null=True, blank=True, on_delete=models.CASCADE, related_name="subscriber")
    key = models.CharField(max_length=22, unique=True)
    rhythm = models.CharField(max_length=10, choices=Rhythm.choices, default=Rhythm.DAILY)
    weekday = models.PositiveSmallIntegerField(default=0)
    hour = models.PositiveSmallIntegerField(default=7)
    time_zone = models.CharField(max_length=60, default="UTC")
    size = models.PositiveSmallIntegerField(default=10)
    asked_at = models.DateTimeField()
    mail_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_because = models.CharField(max_length=20, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("address"), name="one_subscriber_an_address")]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(confirmed_at__isnull=False, left_at__isnull=True),
                name="subscribers_due",
            ),
            models.Index(fields=["asked_at"], condition=models.Q(confirmed_at__isnull=True), name="unconfirmed"),
            models.Index(fields=["mail_at"], condition=models.Q(mail_at__isnull=False), name="subscribers_to_mail"),
            models.Index(fields=["mailed_at"], name="subscribers_mailed"),
        ]

    def __str__(self) -> str:
        return self.address


class Interest(models.Model):
    """Something a subscriber wants to hear of: a topic, a search, an author, a collection's slug, or what trends."""

    class Kind(models.TextChoices):
        """What `value` names; it is empty for what trends."""

        TOPIC = "topic"
        SEARCH = "search"
        AUTHOR = "author"
        COLLECTION = "collection"
        TRENDING = "trending"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="interests")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "kind", "value"], name="one_interest_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}".strip()


class Feedback(models.Model):
    """A subscriber wants more papers like this one, or less."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="feedback")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    wants_more = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["subscriber", "paper"], name="one_word_a_paper")]

    def __str__(self) -> str:
        return f"{'more' if self.wants_more else 'less'} like {self.paper_id}"


class Suppression(models.Model):
    """An address that gets no mail whatever is asked: kept as a digest, since it may be nobody's subscriber."""

    class Reason(models.TextChoices):
        """Why no mail goes there."""

        BOUNCE = "bounce"
        COMPLAINT = "complaint"
        ASKED = "asked"

    digest = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.reason} {self.digest[:8]}"
