"""The door of harvesters: one address, by GET and POST, open to everybody and changing nothing."""

from http import HTTPStatus

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from broadsheet.library import shared
from broadsheet.library.changes_since import head_moment
from broadsheet.web.addresses import paper_address
from broadsheet.web.oai.questions import Question, read_question
from broadsheet.web.oai.refusals import NotReady, Refusal
from broadsheet.web.oai.verbs import NEVER, VERBS, Asked
from broadsheet.web.oai.writing import write_answer, write_refusal

_XML = "text/xml; charset=utf-8"
_PATIENCE = "10"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(public=True, no_cache=True)
def oai(request: HttpRequest) -> HttpResponse:
    """Answer one question of the protocol, or say in its words why not."""
    library = shared()
    head, head_at = head_moment(library.alias)
    at, base = head_at or NEVER, request.build_absolute_uri(reverse("web:oai"))
    question = Question("", {})
    try:
        question = read_question(_pairs(request))
        asked = Asked(question, library, head, at, base, lambda key: request.build_absolute_uri(paper_address(key)))
        answer = VERBS[question.verb](asked)
        body = write_answer(answer.at, base, question.arguments, question.verb, answer.write)
    except Refusal as refusal:
        body = write_refusal(at, base, question.arguments, refusal.code, str(refusal))
    except NotReady:
        headers = {"Retry-After": _PATIENCE}
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, content_type=_XML, headers=headers)
    return HttpResponse(body, content_type=_XML)


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """The arguments of the address and of the form, each as often as it was given. Raises Refusal."""
    try:
        given = [request.GET, request.POST]
    except (BadRequest, SuspiciousOperation, MultiPartParserError) as error:
        raise Refusal("badArgument", "the question is too long, has too many arguments or is not in UTF-8") from error
    return [(name, value) for values in given for name, texts in values.lists() for value in texts]


urlpatterns = [path("oai", oai, name="oai")]
