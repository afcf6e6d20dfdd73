"""Submitting: a reader brings a paper to today's list, with a note, a link to pictures, and their vote."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from broadsheet.community import voting
from broadsheet.community.errors import CommunityError, NotAllowed
from broadsheet.community.fetching import AlreadyHere, LookUp, ask_politely, from_sources, name_in, put, standing
from broadsheet.community.models import Reader, Submission
from broadsheet.library import Library, attention
from broadsheet.library.models import Paper
from broadsheet.papers import Record
from broadsheet.sources import FetchError
from broadsheet.sources.transport import check_url

NOTE_LIMIT = 1_000
MEDIA_LIMIT = 500


def submit(
    library: Library,
    reader: Reader,
    text: str,
    now: datetime,
    note: str = "",
    media_url: str = "",
    ask: LookUp = from_sources,
) -> Submission:
    """Bring the paper of this name to today's list and give it the reader's vote.

    Looked up first, then everything in one transaction: of two readers at once one brings it, the other gets
    AlreadyHere with the paper. Raises CommunityError, NotAllowed beyond a day's limit. What a limited reader brings
    stands on the day that its own dates give it, as if somebody had come by its page.
    """
    note, media_url, today = _checked_note(note), checked_media(media_url), library.today()
    _require_room(reader, today)
    identifier = name_in(text)
    if known := standing(library, identifier):
        raise AlreadyHere(known)
    record = ask_politely(identifier, ask)
    _require_fresh(record, today)
    with transaction.atomic():
        paper, is_new = put(library, record)
        if is_new:
            return _bring(reader, paper, Submission(note=note, media_url=media_url, day=today, at=now))
        transaction.set_rollback(True)
    raise AlreadyHere(paper)


def submissions(papers: Iterable[int], viewer: Reader | None) -> dict[int, Submission]:
    """How these papers came here, by paper, as a viewer may see it. One query."""
    shown = Q(reader__isnull=True) | Q(reader__is_limited=False)
    if viewer is not None:
        shown |= Q(reader=viewer)
    found = Submission.objects.filter(shown, paper__in=list(papers)).select_related("reader")
    return {submission.paper_id: submission for submission in found}


def left_today(reader: Reader, today: date) -> int:
    """How many papers a reader may still bring in a feed day. One query."""
    brought = Submission.objects.filter(reader=reader, day=today).count()
    return max(0, settings.SUBMIT_LIMIT - brought)


def checked_media(url: str) -> str:
    """A link to pictures or a film as it may be shown. Raises CommunityError for anything but a plain web address."""
    url = url.strip()
    if not url:
        return ""
    if len(url) > MEDIA_LIMIT:
        raise CommunityError(f"A link here has at most {MEDIA_LIMIT} characters, this one has {len(url):,}")
    try:
        check_url(url)
    except FetchError as error:
        raise CommunityError("The media link is not a web address such as https://example.org/film.mp4") from error
    return url


def _checked_note(note: str) -> str:
    note = note.replace("\0", "").strip()
    if len(note) > NOTE_LIMIT:
        raise CommunityError(f"A note has at most {NOTE_LIMIT:,} characters, this one has {len(note):,}")
    return note


def _bring(reader: Reader, paper: Paper, submission: Submission) -> Submission:
    _require_room(reader, submission.day)  # again, now that nobody else can bring one
    paper = attention.lock("default", paper.pk)
    if not reader.is_limited:
        paper.day = submission.day
        attention.weigh(paper)
        paper.save(update_fields=["day", "trending"])
    submission.paper, submission.reader = paper, reader
    submission.save(force_insert=True)
    voting.vote(reader, paper.pk, submission.at)
    return submission


def _require_room(reader: Reader, today: date) -> None:
    if not left_today(reader, today):
        most = settings.SUBMIT_LIMIT
        papers = "1 paper" if most == 1 else f"{most:,} papers"
        raise NotAllowed(f"A reader may bring {papers} a day; come back when tomorrow's list opens")


def _require_fresh(record: Record, today: date) -> None:
    """Refuse what was first published too long ago for this site; a work without any date passes."""
    text, within = record.version, settings.SUBMIT_WITHIN
    first = text and text.day
    if within and first and today - first > within:
        when = f"{first.day} {first:%B} {first.year}"
        raise CommunityError(f"It was first published on {when}; this site takes papers of the last {within.days} days")
