"""Versions made of what sources say: rows of the table, and papers that are told anew by an editor's hand."""

from collections.abc import Collection, Iterable
from dataclasses import asdict

from broadsheet.library.generations import vectors_in_use
from broadsheet.library.journal import Pen
from broadsheet.library.likeness import Traits
from broadsheet.library.matching import Marks, by_preference
from broadsheet.library.models import Block, Change, Embedding, Fingerprint, Paper, Version
from broadsheet.papers import Identifier
from broadsheet.papers import Version as Text
from broadsheet.sources import repository


def version_of(
    paper: Paper, source: str, source_number: int | None, text: Text, number: int, names: Iterable[Identifier]
) -> Version:
    """A text as a row, not yet born."""
    return Version(
        paper=paper,
        number=number,
        source=source,
        source_number=source_number,
        title=text.title,
        abstract=text.abstract,
        authors=[asdict(author) for author in text.authors],
        topics=list(text.topics),
        links=[asdict(link) for link in text.links],
        identifiers=[str(name) for name in by_preference(names)],
        published=text.published,
        updated=text.updated,
        announced=text.announced,
        comment=text.comment,
        venue=text.venue,
        language=text.language,
        text_digest=text.text_digest(),
        digest=text.digest(),
    )


def has_code(text: Text) -> bool:
    """Whether a text links to a repository, whose stars count."""
    return any(repository(link.url) for link in text.links)


def retell(
    pen: Pen, paper: Paper, source: str, text: Text, names: Collection[Identifier], kind: Change.Kind | None = None
) -> Version:
    """Give a paper a version of this text, in place of its last one if it is open; that one's vector too if it fits.

    Without a `kind` it is told by what differs.
    """
    alias = pen.alias
    last = Version.objects.using(alias).filter(paper=paper).order_by("-born").first()
    is_same = last is not None and last.text_digest == text.text_digest()
    number = (last.number if last else 0) + (not is_same)
    if last is not None and last.died is None:
        last.died = pen.seq + 1
        last.save(using=alias, update_fields=["died"])
    source_number = last.source_number if last and last.source == source else None
    version = version_of(paper, source, source_number, text, number, names)
    version.born = pen.write(kind or (Change.Kind.DESCRIBED if is_same else Change.Kind.REVISED), paper, version)
    version.save(using=alias)
    if last is not None and is_same:
        _carry_embedding(pen, last, version)
    if has_code(text) and not paper.stars_due_at:
        paper.stars_due_at = pen.at
        paper.save(using=alias, update_fields=["stars_due_at"])
    return version


def mark(alias: str, paper: Paper, texts: Iterable[Text]) -> None:
    """Have a paper recognised by these texts alone."""
    Fingerprint.objects.using(alias).filter(paper=paper).delete()
    Block.objects.using(alias).filter(paper=paper).delete()
    texts = list(texts)
    marks = {Marks.of(text) for text in texts}
    Fingerprint.objects.using(alias).bulk_create(
        Fingerprint(title=each.title, author=each.author, year=each.year, paper=paper) for each in marks
    )
    Block.note(alias, {(key, paper.pk) for text in texts for key in Traits.of(text).blocks})


def _carry_embedding(pen: Pen, before: Version, version: Version) -> None:
    """Have a version of the same text take over the vector, so that no model has to read it again."""
    for row in vectors_in_use(pen.alias, [before.pk]):
        born = pen.write(Change.Kind.EMBEDDED, version.paper, version)
        copy = Embedding(version=version, born=born, model=row.model, codes=row.codes, scale=row.scale)
        copy.save(using=pen.alias)
    if before.is_embedded:
        version.is_embedded = True
        version.save(using=pen.alias, update_fields=["is_embedded"])
