"""The hook by which a mail provider tells of mails that came back. Its secret stands in the address."""

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from broadsheet.digests import bounces
from broadsheet.digests.errors import DigestError
from broadsheet.web.doors import now


@csrf_exempt
@require_POST
def hear(request: HttpRequest, secret: str) -> HttpResponse:
    """Take one JSON object: address or message_id, kind, detail. The answer tells nothing of who is known here."""
    if not settings.BOUNCE_SECRET or not constant_time_compare(secret, settings.BOUNCE_SECRET):
        raise Http404
    try:
        bounces.hear(bounces.read_hook(_body(request)), now())
    except DigestError as error:
        return JsonResponse({"error": f"{error}."}, status=HTTPStatus.BAD_REQUEST)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length", "")
    try:
        if length.isascii() and length.isdigit() and len(length) < 9 and int(length) <= bounces.HOOK_LIMIT:
            return request.body
        return request.read(bounces.HOOK_LIMIT + 1)
    except RequestDataTooBig as error:
        raise DigestError("the call is too long") from error


urlpatterns = [path("hooks/bounces/<str:secret>", hear, name="bounces")]
