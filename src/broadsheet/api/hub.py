"""The papers API of the Hugging Face Hub: `hf papers` and `HfApi` read this site where HF_ENDPOINT names it.

What is read is the same for everybody: a token that a client sends along may be one of the Hub. What is written needs
one of this site. Source: the client huggingface_hub 2.4, and the Hub's own description of its API.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from broadsheet.api import hub_lists, lists
from broadsheet.api.callers import Caller, now
from broadsheet.api.hub_asked import REACH, Daily, Searched, Walked, Written, read, read_body
from broadsheet.api.hub_doors import for_everybody, for_programs, wrong_method
from broadsheet.api.hub_shapes import linked, write_info, write_items, write_message
from broadsheet.api.papers import BUDGET, find_paper, find_version
from broadsheet.api.shapes import LARGEST
from broadsheet.community import comments
from broadsheet.community.errors import Missing
from broadsheet.library import shared
from broadsheet.library.models import Version


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
    return _list(request, hub_lists.search(shared(), asked.q, asked.limit, BUDGET), {})


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


@csrf_exempt
def comment(request: HttpRequest, paper_id: str, parent: int | None = None) -> HttpResponse:
    """Write a comment or a reply. Where nothing is sent, the address is that of a paper whose identifier ends so."""
    if request.method == "POST":
        return _comment(request, paper_id=paper_id, parent=parent)
    if request.method in ("GET", "HEAD"):
        return paper(request, paper_id=request.path.partition("/papers/")[2])
    return wrong_method(request, "GET, HEAD, POST")


@for_programs
def _comment(request: HttpRequest, caller: Caller, paper_id: str, parent: int | None) -> HttpResponse:
    found = find_paper(shared(), paper_id)
    written = read_body(request, Written)
    if parent is not None and parent > LARGEST:
        raise Missing("There is no such comment")
    made = comments.write(caller.acts("comment"), found.pk, written.comment, now(), parent)
    return JsonResponse({"newMessage": write_message(request, made)}, status=HTTPStatus.CREATED)


def _list(request: HttpRequest, versions: list[Version], onwards: dict[str, str]) -> HttpResponse:
    """Papers, and in a Link header (RFC 8288) the way onwards, if there is one."""
    response = JsonResponse(write_items(request, versions), safe=False)
    if onwards:
        query = request.GET.copy()
        for name, value in onwards.items():
            query[name] = value
        response["Link"] = f'<{request.path}?{query.urlencode()}>; rel="next"'
    return response


urlpatterns = [
    path("daily_papers", daily_papers, name="daily_papers"),
    path("papers", papers, name="papers"),
    path("papers/search", search, name="search"),
    path("papers/<path:paper_id>/comment", comment, name="comment"),
    path("papers/<path:paper_id>/comment/<int:parent>/reply", comment, name="reply"),
    path("papers/<path:paper_id>", paper, name="paper"),
    path("arxiv/<path:paper_id>/repos", repos, name="repos"),
    path("agent-harnesses", harnesses, name="harnesses"),
]
