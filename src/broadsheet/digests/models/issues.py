"""Issues and their deliveries: one row for each issue and subscriber, which is why each gets exactly one mail."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models import Reader
from broadsheet.digests.models.subscribers import Subscriber
from broadsheet.library.models import Paper


class Issue(models.Model):
    """One edition: what is sent on a feed day, to each subscriber at the hour they chose.

    `alarm` says in a sentence what is wrong with the day's papers, "" if nothing is.
    """

    day = models.DateField(unique=True)
    opened_at = models.DateTimeField()
    alarm = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"issue of {self.day}"


class Delivery(models.Model):
    """One issue to one subscriber, with the papers chosen for them and how far the mail got.

    Queued, it is claimed by one UPDATE and is then sending; a sending that nobody finished becomes unknown, since the
    server may have taken the mail, and is never sent again. `papers` lists {"paper", "number", "reason"} in order.
    """

    class State(models.TextChoices):
        """How far a mail got. Expired mail was too old to be worth sending; left mail was not wanted any more."""

        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNKNOWN = "unknown"
        EXPIRED = "expired"
        LEFT = "left"

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    message_id = models.CharField(max_length=120, unique=True)
    subject = models.CharField(max_length=200)
    papers = models.JSONField(default=list)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    owner = models.CharField(max_length=100, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="one_delivery_a_subscriber"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=models.Q(state="queued"), name="deliveries_queued"),
            models.Index(fields=["claimed_at"], condition=models.Q(state="sending"), name="deliveries_sending"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.message_id}"


class AlarmMail(models.Model):
    """An admin is told of an issue's alarm, once. The row stands from before the mail goes out."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="alarm_mails")
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["issue", "reader"], name="one_alarm_mail_an_admin")]

    def __str__(self) -> str:
        return f"{self.reader_id} told of {self.issue_id}"


class SentPaper(models.Model):
    """A paper that a subscriber was sent, and in which version: it comes again only if substantially revised."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="sent_papers")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["subscriber", "paper"], name="sent_once")]
        indexes: ClassVar = [models.Index(fields=["subscriber", "at"], name="papers_sent_lately")]

    def __str__(self) -> str:
        return f"{self.paper_id} v{self.number} to {self.subscriber_id}"


class Bounce(models.Model):
    """What a mail server said of an address, by webhook, report or refusal."""

    class Kind(models.TextChoices):
        """Hard: the address is no good. Soft: not now. Complaint: its owner called the mail unwanted."""

        HARD = "hard"
        SOFT = "soft"
        COMPLAINT = "complaint"

    subscriber = models.ForeignKey(Subscriber, null=True, on_delete=models.SET_NULL, related_name="bounces")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="bounces")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    detail = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["delivery", "kind"], name="one_bounce_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} bounce"
