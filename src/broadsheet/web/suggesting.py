"""What a search field offers while a reader types, in the form of OpenSearch: texts, what they are, where they lead.

Source: OpenSearch Suggestions 1.0 (github.com/dewitt/opensearch).
"""

import re
from http import HTTPStatus
from typing import NamedTuple

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.community import limits
from broadsheet.community.errors import LimitReached
from broadsheet.community.models import Reader
from broadsheet.digests.models import Alert
from broadsheet.library import Library, shared
from broadsheet.library.suggesting import LONGEST, Kind, Suggestion
from broadsheet.papers.text import title_key
from broadsheet.search.conditions import condition
from broadsheet.web.addresses import author_address, paper_address, search_address, topic_address
from broadsheet.web.doors import address_of
from broadsheet.web.prose import plain
from broadsheet.web.words import counted

FOLLOW_SECONDS = 0.02
SAVED = 3
_FORM = "application/x-suggestions+json"
_CONDITION = re.compile(r'(?P<before>(?:.*\s)?-?)(?P<field>author|topic):"?(?P<typed>[^"]*)', re.IGNORECASE | re.DOTALL)


class Offer(NamedTuple):
    """A line under the field."""

    text: str
    about: str
    address: str


@require_safe
@cache_control(private=True, no_cache=True)
def suggest(request: HttpRequest) -> JsonResponse:
    """`["pag", [texts], [what they are], [where they lead]]`; empty lists for what begins nothing."""
    typed = request.GET.get("q", "")
    reader = request.user if isinstance(request.user, Reader) else None
    try:
        limits.spend("suggestion", reader.pk if reader else None, address_of(request))
    except LimitReached as error:
        wait = {"Retry-After": str(int(error.wait.total_seconds()))}
        return JsonResponse({"error": f"{error}."}, status=HTTPStatus.TOO_MANY_REQUESTS, headers=wait)
    offers = _offers(shared(), reader, typed) if len(typed) <= LONGEST else []
    told = [typed[:LONGEST], *([offer[place] for offer in offers] for place in range(3))]
    return JsonResponse(told, safe=False, content_type=_FORM)


def _offers(library: Library, reader: Reader | None, typed: str) -> list[Offer]:
    if found := _CONDITION.fullmatch(typed):
        return _conditions(library, **found.groupdict())
    saved = _saved(reader, typed) if reader else []
    return saved + [_offer(each) for each in library.suggest(typed, budget=FOLLOW_SECONDS)]


def _conditions(library: Library, before: str, field: str, typed: str) -> list[Offer]:
    """The whole query with the condition at its end completed."""
    kind: Kind = "author" if field.lower() == "author" else "topic"
    offers = []
    for each in library.suggest(typed, (kind,), budget=FOLLOW_SECONDS):
        query = f"{before}{condition(kind, each.text)}"
        offers.append(Offer(query, _about(each), search_address(query)))
    return offers


def _offer(found: Suggestion) -> Offer:
    address = {
        "paper": lambda: paper_address(found.key),
        "author": lambda: author_address(found.text),
        "topic": lambda: topic_address(found.text),
    }[found.kind]()
    return Offer(plain(found.text), _about(found), address)


def _about(found: Suggestion) -> str:
    return f"topic, {counted(found.papers, 'paper')}" if found.kind == "topic" else found.kind


def _saved(reader: Reader, typed: str) -> list[Offer]:
    """A reader's saved searches in which a word begins as typed. One query."""
    start = title_key(typed)
    if not start:
        return []
    queries = dict.fromkeys(Alert.objects.filter(reader=reader).order_by("-pk").values_list("query", flat=True))
    fitting = [query for query in queries if f" {start}" in f" {title_key(query)}"]
    return [Offer(query, "your alert", search_address(query)) for query in fitting[:SAVED]]


urlpatterns = [path("suggest", suggest, name="suggest")]
