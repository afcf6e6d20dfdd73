"""Claims: a reader says that they are an author of a paper, and an editor decides."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from broadsheet.community import audit
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.models import Claim, Reader
from broadsheet.library import attention
from broadsheet.library.models import Version

EVIDENCE_LIMIT = 1_000

_SITE = "default"


def claim(reader: Reader, version: Version, author: str, evidence: str, now: datetime) -> Claim:
    """Say that one of a paper's authors is this reader. Raises CommunityError, also for a second claim."""
    evidence = evidence.replace("\0", "").strip()
    if author not in version.author_names:
        raise CommunityError("Choose one of the paper's authors")
    if len(evidence) > EVIDENCE_LIMIT:
        raise CommunityError(f"The evidence has at most {EVIDENCE_LIMIT:,} characters, this has {len(evidence):,}")
    if any(accepted.author == author for accepted in standing(version.paper_id, reader)):
        raise CommunityError(f"An editor has accepted somebody else as {author}")
    try:
        with transaction.atomic():
            return Claim.objects.create(
                paper_id=version.paper_id, reader=reader, author=author, evidence=evidence, at=now
            )
    except IntegrityError as error:
        raise CommunityError("You have claimed a part in this paper before") from error


@transaction.atomic
def take_back(reader: Reader, paper_id: int) -> None:
    """Take a reader's own claim back, accepted or not; one that was refused stays, so that it is not made again."""
    Claim.objects.filter(reader=reader, paper=paper_id).exclude(state=Claim.State.REFUSED).delete()


def accept(editor: Reader, claim_id: int, now: datetime) -> Claim:
    """Accept an open claim: the paper names the reader beside the author. Raises CommunityError."""
    return _settle(editor, claim_id, Claim.State.ACCEPTED, now)


def refuse(editor: Reader, claim_id: int, now: datetime) -> Claim:
    """Refuse an open claim. Raises CommunityError."""
    return _settle(editor, claim_id, Claim.State.REFUSED, now)


def open_claims(limit: int = 200) -> list[Claim]:
    """The claims that wait for an editor, oldest first; not those of limited readers. One query."""
    rows = Claim.objects.filter(state=Claim.State.OPEN, reader__is_limited=False, reader__is_active=True)
    return list(rows.select_related("paper", "reader").order_by("at", "pk")[:limit])


def standing(paper_id: int, viewer: Reader | None) -> list[Claim]:
    """The accepted claims to a paper as a viewer may see them. One query."""
    shown = Q(reader__is_limited=False, reader__is_active=True)
    if viewer is not None:
        shown |= Q(reader=viewer)
    rows = Claim.objects.filter(shown, paper=paper_id, state=Claim.State.ACCEPTED)
    return list(rows.select_related("reader").order_by("at", "pk"))


def own(paper_id: int, reader: Reader) -> Claim | None:
    """A reader's own claim to a paper. One query."""
    return Claim.objects.filter(paper=paper_id, reader=reader).first()


@transaction.atomic
def _settle(editor: Reader, claim_id: int, state: Claim.State, now: datetime) -> Claim:
    if not editor.is_editor:
        raise NotAllowed("Only editors decide on claims")
    found = Claim.objects.filter(pk=claim_id).select_related("paper", "reader").first()
    if found is None:
        raise Missing("There is no such claim any more")
    attention.lock(_SITE, found.paper_id)  # one decision on a paper at a time
    found.refresh_from_db(fields=["state"])
    if found.state != Claim.State.OPEN:
        raise CommunityError(f"This claim was {found.get_state_display().lower()} already")
    if state == Claim.State.ACCEPTED and _is_taken(found):
        raise CommunityError(f"Somebody else is accepted as {found.author} already")
    found.state, found.settled_at, found.settled_by = state, now, editor
    found.save(update_fields=["state", "settled_at", "settled_by"])
    audit.note(editor, f"{state} claim", found.paper.key, now, f"@{found.reader} as {found.author}")
    return found


def _is_taken(claimed: Claim) -> bool:
    others = Claim.objects.filter(paper=claimed.paper, author=claimed.author, state=Claim.State.ACCEPTED)
    return others.exclude(pk=claimed.pk).exists()
