"""Taking a paper out: withdrawn leaves it readable as of earlier days, erased leaves no trace of its text."""

from datetime import datetime

from broadsheet.library.journal import Pen, appending
from broadsheet.library.models import Block, Change, Embedding, Merge, Name, Paper, Statement, Version
from broadsheet.papers import Identifier

BY_HAND = "editor"
"""Who withdrew a paper when no source did; only the same hand restores it."""


def withdraw(alias: str, paper: Paper, now: datetime) -> None:
    """Close a paper's open version: gone from every list and search of now, still found as of earlier."""
    with appending(alias, now) as pen:
        paper = Paper.objects.using(alias).get(pk=paper.pk)
        if paper.withdrawn_at or paper.erased_at:
            return
        take_out(pen, paper)


def take_out(pen: Pen, paper: Paper) -> int:
    """Close the open version of a paper that stands, by an editor's hand; return the change that did it."""
    version = Version.objects.using(pen.alias).get(paper=paper, died__isnull=True)
    version.died = seq = pen.write(Change.Kind.WITHDRAWN, paper, version)
    version.save(using=pen.alias, update_fields=["died"])
    paper.withdrawn_at, paper.withdrawn_by = pen.at, BY_HAND
    paper.save(using=pen.alias, update_fields=["withdrawn_at", "withdrawn_by"])
    return seq


def erase(alias: str, paper: Paper, now: datetime) -> None:
    """Remove a paper's texts, vectors and names of every version for good; it stays refused if a source sends it again.

    Its identifiers remain, since without them the next harvest would bring it back. Papers that were made one with it
    are erased with it.
    """
    with appending(alias, now) as pen:
        _erase(pen, paper.pk)


def _erase(pen: Pen, number: int) -> None:
    alias = pen.alias
    paper = Paper.objects.using(alias).get(pk=number)
    if paper.erased_at:
        return
    seq = pen.write(Change.Kind.ERASED, paper)
    versions = Version.objects.using(alias).filter(paper=paper)
    Embedding.objects.using(alias).filter(version__in=versions).delete()
    versions.filter(died__isnull=True).update(died=seq)
    versions.update(
        title="",
        abstract="",
        authors=[],
        topics=[],
        links=[],
        comment="",
        venue="",
        text_digest="",
        digest="",
        is_embedded=False,
    )
    Statement.objects.using(alias).filter(paper=paper).delete()
    Block.objects.using(alias).filter(paper=paper).delete()
    paper.erased_at = pen.at
    if not _is_named_by_identifier(alias, paper):
        paper.key = f"erased-{paper.pk}"  # the key held words of the title
    paper.save(using=alias, update_fields=["erased_at", "key"])
    for absorbed in Merge.objects.using(alias).filter(kept=paper).values_list("absorbed", flat=True):
        _erase(pen, absorbed)


def _is_named_by_identifier(alias: str, paper: Paper) -> bool:
    names = {row.identifier for row in Name.objects.using(alias).filter(paper=paper)}
    for moved in Merge.objects.using(alias).filter(absorbed=paper):
        names |= {Identifier(*name.split(":", 1)) for name in moved.names}
    return any(name.key == paper.key for name in names)
