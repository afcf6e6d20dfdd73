"""Searches by example: papers near to a text or to references, which are sent and not kept."""

from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from broadsheet.api.callers import caller_of
from broadsheet.api.errors import Refusal
from broadsheet.api.papers import BUDGET, write_papers
from broadsheet.api.responses import PUBLIC, SENDING
from broadsheet.api.shapes import HitShape, Limit, NearShape, Sent, Text
from broadsheet.community import limits
from broadsheet.library import shared
from broadsheet.library.examples import FEWEST, FILE_LIMIT, LETTERS, Example, find_like, read_examples
from broadsheet.sources import SourceError

router = Router(tags=["papers"])


class Sample(Sent):
    """A text such as an abstract, or references as BibTeX, RIS or CSL-JSON; one of both at least."""

    text: Annotated[Text, Field(max_length=LETTERS)] = ""
    references: Annotated[Text, Field(max_length=FILE_LIMIT)] = ""
    limit: Limit = 20


@router.post("/search/like", response={200: NearShape, **SENDING}, openapi_extra=PUBLIC, url_name="find_like")
def find_papers_like(request: HttpRequest, sample: Sample) -> NearShape:
    """Papers near to a text, to the papers of a list of references, or to both together, best first.

    It only reads, so anybody may ask, with any token or none; what is sent is not kept. Of `references` the first 50
    with a title count, by title and abstract, and papers with these titles are left out. `explanation` and `snippet`
    are by the words that tell the examples from other papers.
    """
    caller = caller_of(request)
    limits.spend("example", caller.reader.pk if caller.reader else None, caller.address)
    examples = _examples_of(sample)
    library = shared()
    hits = find_like(library, examples, sample.limit, budget=BUDGET)
    papers = write_papers(request, library, [hit.version for hit in hits], caller)
    told = [hit.to_json() for hit in hits]
    return NearShape(
        examples=len(examples),
        hits=[
            HitShape(paper=paper, score=hit["score"], explanation=hit["explanation"], snippet=hit["snippet"])
            for paper, hit in zip(papers, told, strict=True)
        ],
    )


def _examples_of(sample: Sample) -> list[Example]:
    """What papers are to be like. Raises Refusal."""
    text = " ".join(sample.text.split())
    if not text and not sample.references.strip():
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Send a text or references", "text")
    if text and len(text) < FEWEST:
        message = f"A text of less than {FEWEST} letters is short for an example; search takes it as a query"
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, message, "text")
    found: list[Example] = [("", text)] if text else []
    if sample.references.strip():
        try:
            found += read_examples(sample.references.encode(), "references")
        except SourceError as error:
            said = str(error)[:300]
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, said[:1].upper() + said[1:], "references") from error
    return found
