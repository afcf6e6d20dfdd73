"""The tables: the journal is the order of all changes, versions are immutable, everything else follows.

A sequence number (`seq`, `born`, `died`) is a position in the journal. A version is open from `born` until `died`;
reading the library as of a sequence number is one comparison on these two columns.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import ClassVar

from django.db import connections, models
from django.db.models import Q

from broadsheet.library.generation_models import Generation as Generation
from broadsheet.library.harvest_models import ReadFile as ReadFile
from broadsheet.library.harvest_models import Schedule as Schedule
from broadsheet.papers import Author, Identifier, Link, RecordError
from broadsheet.papers import Version as Text

_STANDING = Q(withdrawn_at__isnull=True, erased_at__isnull=True)


class Paper(models.Model):
    """A work, whatever its versions. `key` names it in addresses for ever; `day` is the daily list it belongs to.

    The counters say what readers made of it: they equal rows that other rooms keep, and are written by `attention`
    alone. `trusted_votes`, the votes of verified readers, are those that `trending` follows.
    """

    key = models.CharField(max_length=600, unique=True)
    day = models.DateField()
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=100, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    is_featured = models.BooleanField(default=False)
    votes = models.PositiveIntegerField(default=0)
    trusted_votes = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    saves = models.PositiveIntegerField(default=0)
    reads = models.PositiveIntegerField(default=0)
    stars = models.PositiveIntegerField(default=0)
    trending = models.FloatField()
    stars_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["day", "-votes", "-is_featured", "id"], condition=_STANDING, name="standing_by_day"),
            models.Index(fields=["-trending", "id"], condition=_STANDING, name="standing_by_trending"),
            models.Index(
                fields=["stars_due_at"], condition=_STANDING & Q(stars_due_at__isnull=False), name="stars_due"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Name(models.Model):
    """One identifier of a paper. Several sources may give a paper several names; a name belongs to one paper."""

    scheme = models.CharField(max_length=40)
    value = models.CharField(max_length=600)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="names")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scheme", "value"], name="one_paper_a_name")]

    @property
    def identifier(self) -> Identifier:
        """The name as the papers room knows it."""
        return Identifier(self.scheme, self.value)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Fingerprint(models.Model):
    """A title, first author and year under which a paper came: how records without a common name meet."""

    title = models.CharField(max_length=32)
    author = models.CharField(max_length=100, blank=True)
    year = models.SmallIntegerField(null=True)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="fingerprints")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["title"])]


class Block(models.Model):
    """A key that a paper shares with those whose title or authors may be almost its own; see `Traits.blocks`."""

    key = models.BigIntegerField()
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="blocks", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "paper"], name="once_in_a_block")]

    @classmethod
    def note(cls, alias: str, rows: Iterable[tuple[int, int]]) -> None:
        """Note papers by their ids in blocks, where they are not noted yet; many times faster than row by row."""
        with connections[alias].cursor() as cursor:
            query = f"INSERT INTO {cls._meta.db_table} (key, paper_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"  # noqa: S608
            cursor.executemany(query, list(rows))


class Statement(models.Model):
    """What a source last said of a paper, so that saying it again changes nothing, whatever others said since.

    `said` is the text as `saying.written`, unless a version has this very digest. `seq` is the change at which it was
    said, `since` that of each field, where they differ. `about` is a name of the paper where a source has several
    records of it, by which the one that this is about is known.
    """

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="statements")
    source = models.CharField(max_length=100)
    about = models.CharField(max_length=700, default="", blank=True)
    digest = models.CharField(max_length=64)
    number = models.IntegerField(null=True)
    seq = models.BigIntegerField(default=0)
    since = models.JSONField(null=True, blank=True)
    said = models.JSONField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["paper", "source", "about"], name="one_statement_a_record"),
        ]


class Merge(models.Model):
    """An editor said that two papers are one work: `absorbed` is withdrawn, its address leads to `kept`.

    `names` and `statements` are what moved, for `split` to give it back: identifiers as text, and of each statement its
    source, the record that it was about before, and since.
    """

    absorbed = models.OneToOneField(Paper, on_delete=models.CASCADE, related_name="merged")
    kept = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="merges")
    seq = models.BigIntegerField()
    names = models.JSONField(default=list)
    statements = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.absorbed_id} into {self.kept_id}"


def _readable(links: list[dict[str, str]]) -> Iterator[Link]:
    """The links that are any; what a foreign hand wrote into the tables is passed over, and breaks no page."""
    for link in links:
        with suppress(RecordError):
            yield Link(**link)


class Version(models.Model):
    """One dated text of a paper. Once written it is only closed (`died`), marked as embedded, or erased.

    `number` counts the texts of a paper; a row that changes only the description (topics, links) keeps the number.
    """

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    source = models.CharField(max_length=100)
    source_number = models.IntegerField(null=True)
    born = models.BigIntegerField()
    died = models.BigIntegerField(null=True)
    title = models.TextField()
    abstract = models.TextField(blank=True)
    authors = models.JSONField(default=list)
    topics = models.JSONField(default=list)
    links = models.JSONField(default=list)
    identifiers = models.JSONField(default=list)
    published = models.DateField(null=True)
    updated = models.DateField(null=True)
    announced = models.DateField(null=True)
    comment = models.TextField(blank=True)
    venue = models.TextField(blank=True)
    language = models.CharField(max_length=40, blank=True)
    text_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    is_embedded = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["paper"], condition=Q(died__isnull=True), name="one_open_version"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["paper", "born"]),
            models.Index(
                fields=["born"], condition=Q(died__isnull=True, is_embedded=False), name="waiting_for_embedding"
            ),
            models.Index(fields=["born"], condition=Q(died__isnull=True), name="open_by_birth"),
            models.Index(fields=["source", "born"], condition=Q(died__isnull=True), name="open_by_source"),
        ]

    @property
    def text(self) -> Text:
        """The version as the papers room knows it."""
        return Text(
            title=self.title,
            abstract=self.abstract,
            authors=tuple(Author(**author) for author in self.authors),
            topics=tuple(self.topics),
            published=self.published,
            updated=self.updated,
            announced=self.announced,
            comment=self.comment,
            venue=self.venue,
            language=self.language,
            links=tuple(_readable(self.links)),
        )

    @property
    def names(self) -> list[Identifier]:
        """The identifiers that the paper had by then, the best first."""
        return [Identifier(*name.split(":", 1)) for name in self.identifiers]

    @property
    def author_names(self) -> list[str]:
        """The authors' names in order, as written."""
        return [author["name"] for author in self.authors]

    @property
    def date(self) -> date | None:
        """The day readers know the work by: first published, else listed, else last updated."""
        return self.published or self.announced or self.updated

    def __str__(self) -> str:
        return f"{self.title} (v{self.number})"


class Embedding(models.Model):
    """An embedding of a version, found from the change `born` on: int8 codes (dimension,), each times `scale`.

    A version has one of each model of a generation: the one that is searched, one that is being made, those kept.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="embeddings", db_index=False)
    born = models.BigIntegerField(unique=True)
    model = models.CharField(max_length=200)
    codes = models.BinaryField()
    scale = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "model"], name="one_embedding_a_model"),
        ]


class Change(models.Model):
    """A row of the journal: append-only, `seq` without gaps in commit order, `at` never falling.

    It is about a paper, but for the one by which the library is searched by another generation from then on.
    """

    class Kind(models.TextChoices):
        """What may happen to a paper, or to all."""

        ADDED = "added"
        REVISED = "revised"
        DESCRIBED = "described"
        WITHDRAWN = "withdrawn"
        RESTORED = "restored"
        ERASED = "erased"
        EMBEDDED = "embedded"
        REINDEXED = "reindexed"

    BIRTHS: ClassVar = (Kind.ADDED, Kind.REVISED, Kind.DESCRIBED, Kind.RESTORED)
    """The kinds of change that bring a version."""
    REMOVALS: ClassVar = (Kind.WITHDRAWN, Kind.ERASED)
    """The kinds of change after which a paper stands no more."""
    SILENT: ClassVar = (Kind.EMBEDDED, Kind.REINDEXED)
    """The kinds of change that change nothing of what a paper says."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    paper = models.ForeignKey(Paper, null=True, on_delete=models.PROTECT, related_name="changes")
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="changes")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["seq"], condition=Q(kind__in=("withdrawn", "erased")), name="removals"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.kind}"


class HarvestRun(models.Model):
    """One run of a source since a cursor. Safe to kill: `cursor` moves in the transaction that stores a page."""

    class State(models.TextChoices):
        """Where a run stands. A run that was killed stays "running" until it is taken up again."""

        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    source = models.CharField(max_length=100)
    request = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    cursor = models.TextField(null=True)
    owner = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField()
    stored_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seen = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    withdrawn = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["source", "-started_at"])]

    @property
    def last_at(self) -> datetime:
        """When the run last gave a sign of life."""
        return self.ended_at or self.stored_at or self.started_at

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"


class HarvestFault(models.Model):
    """A record that a run could not use: where it stood and why."""

    run = models.ForeignKey(HarvestRun, on_delete=models.CASCADE, related_name="faults")
    place = models.TextField()
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"
