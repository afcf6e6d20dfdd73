"""Papers that readers bring, what editors feature, and who says that a paper is theirs."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models.readers import Reader
from broadsheet.library.models import Paper


class Submission(models.Model):
    """A reader brought a paper to the daily list of `day`, with a note and perhaps a link to pictures or a film."""

    paper = models.OneToOneField(Paper, on_delete=models.CASCADE, related_name="+")
    reader = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="submissions")
    note = models.TextField(max_length=1_000, blank=True)
    media_url = models.URLField(max_length=500, blank=True)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["reader", "day"])]

    def __str__(self) -> str:
        return f"{self.paper_id} for {self.day}"


class Feature(models.Model):
    """An editor put a paper at the head of the list of `day`, today's or one to come; it came from `former_day`."""

    paper = models.OneToOneField(Paper, on_delete=models.CASCADE, related_name="+")
    editor = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    day = models.DateField(db_index=True)
    former_day = models.DateField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.paper_id} featured on {self.day}"


class Claim(models.Model):
    """A reader says: this author of this paper is me. An editor decides."""

    class State(models.TextChoices):
        """How a claim stands."""

        OPEN = "open"
        ACCEPTED = "accepted"
        REFUSED = "refused"

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="claims")
    author = models.CharField(max_length=500)
    evidence = models.TextField(max_length=1_000, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Reader, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["paper", "reader"], name="one_claim_a_reader")]
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=models.Q(state="open"), name="open_claims"),
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} as {self.author}"
