"""Votes: one a reader and paper, given and taken back."""

from django.http import HttpRequest
from ninja import Router

from broadsheet.api.callers import caller_of, now
from broadsheet.api.papers import find_paper, own_votes
from broadsheet.api.responses import CHANGING, PUBLIC, READING
from broadsheet.api.shapes import VoteShape
from broadsheet.community import voting
from broadsheet.library import shared

router = Router(tags=["votes"])


@router.get("/papers/{path:paper_id}/vote", response={200: VoteShape, **READING}, openapi_extra=PUBLIC)
def read_vote(request: HttpRequest, paper_id: str) -> VoteShape:
    """How many voted for a paper, and whether the caller did; `voted` is null where the caller is not known."""
    caller = caller_of(request)
    paper = find_paper(shared(), paper_id)
    if caller.reader is None:
        return VoteShape(votes=paper.votes, voted=None)
    is_given = bool(voting.voted(caller.reader, [paper.pk]))
    return VoteShape(votes=own_votes(paper.votes, is_given, caller), voted=is_given)


@router.put("/papers/{path:paper_id}/vote", response={200: VoteShape, **CHANGING})
def give_vote(request: HttpRequest, paper_id: str) -> VoteShape:
    """Vote for a paper; a second time changes nothing."""
    caller, library = caller_of(request), shared()
    reader = caller.acts("vote")
    paper = voting.vote(reader, find_paper(library, paper_id).pk, now())
    return VoteShape(votes=own_votes(paper.votes, True, caller), voted=True)


@router.delete("/papers/{path:paper_id}/vote", response={200: VoteShape, **CHANGING})
def take_vote_back(request: HttpRequest, paper_id: str) -> VoteShape:
    """Take the vote for a paper back; without one nothing changes."""
    caller, library = caller_of(request), shared()
    reader = caller.acts("vote")
    paper = voting.take_back(reader, find_paper(library, paper_id).pk)
    return VoteShape(votes=paper.votes, voted=False)
