"""Author claims: a reader says which author they are, an editor decides."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from broadsheet.community import claims
from broadsheet.community.errors import CommunityError, Missing
from broadsheet.community.models import Claim
from broadsheet.library import NotFound, shared
from broadsheet.library.models import Version
from broadsheet.web.doors import act, next_page, now, reader_of


@dataclass(frozen=True, slots=True)
class Case:
    """An open claim as an editor judges it: what the source and the reader say of the ORCID."""

    claim: Claim
    version: Version | None
    source_orcid: str
    is_same_orcid: bool


@act("claim")
def claim(request: HttpRequest, key: str) -> HttpResponse:
    """Claim to be one of a paper's authors, or take the claim back where the form says `claim=0`."""
    try:
        version = shared().find(key)
    except NotFound as error:
        raise Missing("This paper is not here") from error
    if request.POST.get("claim") == "0":
        claims.take_back(reader_of(request), version.paper_id)
    else:
        author, evidence = request.POST.get("author", ""), request.POST.get("evidence", "")
        claims.claim(reader_of(request), version, author, evidence, now())
    return HttpResponseRedirect(next_page(request, reverse("web:paper", args=[version.paper.key])) + "#claim")


@act("edit")
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """Accept or refuse a claim."""
    decide = {"accept": claims.accept, "refuse": claims.refuse}.get(request.POST.get("decision", ""))
    if decide is None:
        raise CommunityError("A claim is accepted or refused")
    decide(reader_of(request), number, now())
    return HttpResponseRedirect(reverse("web:editing") + "#claims")


def case(claimed: Claim, version: Version | None) -> Case:
    """A claim with what the paper's source says of that author."""
    authors = version.authors if version else []
    orcid = next((author["orcid"] for author in authors if author["name"] == claimed.author and author["orcid"]), "")
    return Case(claimed, version, orcid, bool(orcid) and orcid == claimed.reader.orcid)


def signed(request: HttpRequest, version: Version) -> dict[str, Any]:
    """Who signed as an author of a paper, and the reader's own claim. One query, two for readers."""
    viewer = reader_of(request) if request.user.is_authenticated else None
    standing = claims.standing(version.paper_id, viewer)
    taken = {accepted.author for accepted in standing}
    return {
        "signed": standing,
        "own_claim": claims.own(version.paper_id, viewer) if viewer else None,
        "claimable": [name for name in dict.fromkeys(version.author_names) if name not in taken],
    }


urlpatterns = [
    path("papers/<path:key>/claim", claim, name="claim"),
    path("editing/claims/<int:number>", settle, name="settle_claim"),
]
