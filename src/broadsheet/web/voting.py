"""The vote button: one POST, with or without JavaScript."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path, reverse

from broadsheet.community import voting
from broadsheet.library import NotFound, shared
from broadsheet.web import missing
from broadsheet.web.doors import act, next_page, now, reader_of, wants_json
from broadsheet.web.errors import show


@act("vote")
def vote(request: HttpRequest, key: str) -> HttpResponse:
    """Give a vote to a paper, or take it back where the form says `vote=0`."""
    library, reader = shared(), reader_of(request)
    try:
        version = library.find(key)
    except NotFound:
        return show(request, missing.problem(library, key))
    is_given = request.POST.get("vote") != "0"
    paper = voting.vote(reader, version.paper_id, now()) if is_given else voting.take_back(reader, version.paper_id)
    if wants_json(request):
        return JsonResponse({"votes": paper.votes + (is_given and reader.is_limited), "voted": is_given})
    return HttpResponseRedirect(next_page(request, reverse("web:paper", args=[paper.key])))


urlpatterns = [path("papers/<path:key>/vote", vote, name="vote")]
