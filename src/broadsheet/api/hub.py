"""The papers API of the Hugging Face Hub: `hf papers` and `HfApi` read this site where HF_ENDPOINT names it.

All of it is the same for everybody: a token that a client sends along is not looked at, since it may be one of the Hub.
Any site's scripts may read it. Source: the client huggingface_hub 2.4, and the Hub's own description of its API.
"""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from broadsheet.api import hub_lists, lists
from broadsheet.api.errors import Refusal, told
from broadsheet.api.hub_asked import REACH, Daily, Searched, Walked, read
from broadsheet.api.hub_shapes import linked, write_info, write_items
from broadsheet.api.papers import BUDGET, find_version
from broadsheet.community import limits
from broadsheet.community.errors import LimitReached
from broadsheet.library import LibraryError, shared
from broadsheet.library.models import Version
from broadsheet.search import QueryError

View = Callable[..., HttpResponse]

_TRACE = re.compile(r"[\w:;=.-]{1,200}", re.ASCII)


def for_everybody(view: View) -> View:
    """Answer GET and HEAD, errors included, in the Hub's way: a message in the body and in a header."""

    @csrf_exempt  # which would answer with a page; there is nothing to forge
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            allowed = {"Allow": "GET, HEAD"}
            return _refused(request, HTTPStatus.METHOD_NOT_ALLOWED, "This address answers to GET and HEAD", allowed)
        try:
            limits.spend("read", None, str(request.META.get("REMOTE_ADDR", "")))
            response = view(request, **kwargs)
            patch_cache_control(response, public=True, no_cache=True)
        except Refusal as error:  # a paper that is gone is unknown to these clients
            status = HTTPStatus.NOT_FOUND if error.status == HTTPStatus.GONE else error.status
            response = _refused(request, status, str(error))
        except (QueryError, LibraryError) as error:
            said = str(error)
            response = _refused(request, HTTPStatus.BAD_REQUEST, said[:1].upper() + said[1:])
        except LimitReached as error:
            wait = {"Retry-After": str(int(error.wait.total_seconds()))}
            response = _refused(request, HTTPStatus.TOO_MANY_REQUESTS, str(error), wait)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Link, X-Error-Message, X-Request-Id"
        return response

    return answer


@for_everybody
def daily_papers(request: HttpRequest) -> HttpResponse:
    """A page of the daily lists."""
    asked = read(request, Daily)
    versions, has_more = hub_lists.daily(shared(), asked)
    is_within = asked.offset + asked.limit <= REACH
    return _list(request, versions, {"p": str(asked.p + 1)} if has_more and is_within else {})


@for_everybody
def search(request: HttpRequest) -> HttpResponse:
    """Papers by words and by meaning, best first."""
    asked = read(request, Searched)
    return _list(request, hub_lists.search(shared(), asked.q, asked.limit, BUDGET))


@for_everybody
def papers(request: HttpRequest) -> HttpResponse:
    """All papers, the latest day first, as far as anybody wants to walk."""
    asked = read(request, Walked)
    versions, cursor = lists.page(shared(), None, "newest", asked.cursor, asked.limit)
    return _list(request, versions, {"cursor": cursor} if cursor else {})


@for_everybody
def paper(request: HttpRequest, paper_id: str) -> HttpResponse:
    """A paper by any of its identifiers."""
    return JsonResponse(write_info(request, find_version(shared(), paper_id)))


@for_everybody
def repos(request: HttpRequest, paper_id: str) -> HttpResponse:
    """The models, datasets and spaces that a paper links to."""
    return JsonResponse(linked(find_version(shared(), paper_id)))


@for_everybody
def harnesses(request: HttpRequest) -> HttpResponse:
    """By which variables a client may tell the program that runs it: none, so it asks once a day and sends nothing."""
    return JsonResponse({"standardEnvVars": [], "harnesses": {}})


def _list(request: HttpRequest, versions: list[Version], onwards: dict[str, str] | None = None) -> HttpResponse:
    """Papers, and in a Link header (RFC 8288) the way onwards, if there is one."""
    response = JsonResponse(write_items(request, versions), safe=False)
    if onwards:
        query = request.GET.copy()
        for name, value in onwards.items():
            query[name] = value
        response["Link"] = f'<{request.path}?{query.urlencode()}>; rel="next"'
    return response


def _refused(
    request: HttpRequest, status: HTTPStatus, message: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    """Why there is no answer; with the number by which the client's user may report it."""
    response = told(status, message, headers=headers)
    said = f"{message.rstrip('.')}."
    response["X-Error-Message"] = "".join(char if " " <= char <= "~" else "?" for char in said)
    if _TRACE.fullmatch(trace := request.headers.get("X-Amzn-Trace-Id", "")):
        response["X-Request-Id"] = trace
    return response


urlpatterns = [
    path("daily_papers", daily_papers, name="daily_papers"),
    path("papers", papers, name="papers"),
    path("papers/search", search, name="search"),
    path("papers/<path:paper_id>", paper, name="paper"),
    path("arxiv/<path:paper_id>/repos", repos, name="repos"),
    path("agent-harnesses", harnesses, name="harnesses"),
]
