"""Fetching one paper that is asked for: looked up by its name and put as a harvest would, or the reason why not."""

import logging
from collections.abc import Callable
from functools import cache
from threading import BoundedSemaphore

from django.conf import settings
from django.db import transaction

from broadsheet.community.errors import CommunityError, Missing
from broadsheet.library import Library, NotFound, Outcome, Placement
from broadsheet.library.models import Paper
from broadsheet.papers import Identifier, Record
from broadsheet.sources import CannotLookUp, NotFoundAtSource, Places, SourceError, Transport, look_up, read_name

log = logging.getLogger(__name__)

LookUp = Callable[[Identifier], Record]
"""Asks the sources for one paper. Raises SourceError."""

AT_ONCE = 8
"""How many readers may wait for sources at once in one process; the others are asked to come again."""
_SECONDS = 20.0
_BYTES = 4 << 20

_turns = BoundedSemaphore(AT_ONCE)


class SourceAway(CommunityError):
    """The source did not answer, or not in time; nothing was stored, and it may be tried again."""


class AlreadyHere(CommunityError):
    """The library holds this paper."""

    def __init__(self, paper: Paper) -> None:
        super().__init__("This paper is already here")
        self.paper = paper


class Gone(Missing):
    """The paper was withdrawn or erased, and does not come back by being asked for."""


def from_sources(identifier: Identifier) -> Record:
    """Ask arXiv, Crossref or DataCite, through the one transport of this process, so that its manners hold."""
    places = Places.at(settings.LOOKUP) if settings.LOOKUP else Places()
    return look_up(identifier, _transport(), places)


def fetch(library: Library, text: str, ask: LookUp = from_sources) -> Paper:
    """Bring the paper of this name, on the day that its own dates give it; one that is here is returned as it is.

    Raises CommunityError: SourceAway where it may be tried again, Gone for withdrawn and erased papers.
    """
    identifier = name_in(text)
    if known := standing(library, identifier):
        return known
    record = ask_politely(identifier, ask)
    with transaction.atomic():
        return put(library, record)[0]


def name_in(text: str) -> Identifier:
    """The name of a paper in what a reader pasted. Raises CommunityError, saying what can be looked up."""
    try:
        return read_name(text)
    except CannotLookUp as error:
        raise CommunityError(str(error)) from error


def standing(library: Library, identifier: Identifier) -> Paper | None:
    """The paper of this name if it is here. Raises Gone if it was withdrawn or erased."""
    try:
        paper = library.find_paper(str(identifier))
    except NotFound:
        return None
    _require_standing(paper)
    return paper


def ask_politely(identifier: Identifier, ask: LookUp) -> Record:
    """Ask the sources for one paper. Raises CommunityError, in the reader's words."""
    if not _turns.acquire(blocking=False):
        raise SourceAway("Many papers are being looked up at this moment; try again in half a minute")
    try:
        return ask(identifier)
    except (NotFoundAtSource, CannotLookUp) as error:
        raise Missing(str(error)) from error
    except SourceError as error:
        log.warning("looking up %s failed: %s", identifier, error)
        source = "arXiv" if identifier.scheme == "arxiv" else "Crossref or DataCite"
        raise SourceAway(f"{source} did not answer as it should; nothing was stored, try again in a minute") from error
    finally:
        _turns.release()


def put(library: Library, record: Record) -> tuple[Paper, bool]:
    """Put one record inside the caller's transaction; return its paper and whether it is new. Raises Gone."""
    placement = library.put([record])[0]
    paper = library.find_paper(placement.key)
    _require_standing(paper, placement)
    return paper, placement.outcome == Outcome.ADDED


def _require_standing(paper: Paper, placement: Placement | None = None) -> None:
    if paper.erased_at:
        raise Gone("This paper was erased here and does not come back")
    if paper.withdrawn_at or (placement and placement.outcome == Outcome.RESTORED):
        raise Gone("This paper was withdrawn")


@cache
def _transport() -> Transport:
    return Transport(
        allow=settings.FETCH_ALLOW,
        contact=settings.CONTACT,
        limit=_BYTES,
        deadline=_SECONDS,
        retries=1,
        longest_wait=5.0,
    )
