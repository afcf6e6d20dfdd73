"""Votes and reads: a row each, and the library's counters changed with it under the paper's lock."""

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from broadsheet.community import counting
from broadsheet.community.models import Clipping, Read, Reader, Vote
from broadsheet.library import attention
from broadsheet.library.models import Paper

_SITE = "default"


@transaction.atomic
def vote(reader: Reader, paper_id: int, now: datetime) -> Paper:
    """Give a reader's vote to a paper and return the paper; a second vote changes nothing."""
    paper = attention.lock(_SITE, paper_id)
    is_shown = not reader.is_limited
    given, is_new = Vote.objects.get_or_create(
        reader=reader,
        paper=paper,
        defaults={"at": now, "is_shown": is_shown, "is_trusted": is_shown and is_verified(reader)},
    )
    if is_new:
        attention.count(paper, _weight(given))
    return paper


@transaction.atomic
def take_back(reader: Reader, paper_id: int) -> Paper:
    """Take a reader's vote back and return the paper; without a vote nothing changes."""
    paper = attention.lock(_SITE, paper_id)
    given = Vote.objects.filter(reader=reader, paper=paper).first()
    if given is not None:
        attention.count(paper, {name: -weight for name, weight in _weight(given).items()})
        given.delete()
    return paper


def voted(reader: Reader, papers: Iterable[int]) -> set[int]:
    """Which of these papers a reader voted for. One query."""
    return set(Vote.objects.filter(reader=reader, paper__in=list(papers)).values_list("paper_id", flat=True))


@transaction.atomic
def note_read(reader: Reader, paper_id: int, now: datetime) -> None:
    """Note that a reader opened a paper; only the first time counts."""
    if Read.objects.filter(reader=reader, paper=paper_id).exists():
        return
    paper = attention.lock(_SITE, paper_id)
    read, is_new = Read.objects.get_or_create(
        reader=reader, paper=paper, defaults={"at": now, "is_counted": not reader.is_limited}
    )
    if is_new and read.is_counted:
        attention.count(paper, {"reads": 1})


def is_verified(reader: Reader) -> bool:
    """Whether a reader has shown that an address is theirs."""
    return bool(EmailAddress.objects.filter(user=reader, verified=True).exists())


@transaction.atomic
def reweigh(reader: Reader) -> None:
    """Make what a reader did count as the reader stands now: verified or not, limited or not."""
    votes, reads = Vote.objects.filter(reader=reader), Read.objects.filter(reader=reader)
    touched = {*votes.values_list("paper", flat=True), *reads.values_list("paper", flat=True)}
    touched |= set(Clipping.objects.filter(collection__reader=reader).values_list("paper", flat=True))
    papers = [attention.lock(_SITE, paper_id) for paper_id in sorted(touched)]
    is_shown = not reader.is_limited
    votes.update(is_shown=is_shown, is_trusted=is_shown and is_verified(reader))
    reads.update(is_counted=is_shown)
    for paper in papers:
        counting.recount(paper)


def _weight(given: Vote) -> dict[str, int]:
    return {"votes": int(given.is_shown), "trusted_votes": int(given.is_trusted)}
