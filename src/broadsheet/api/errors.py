"""What went wrong, in one shape: ``{"error": "A sentence.", "where": "the.field"}``; never HTML, never a trace."""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from broadsheet.community.errors import CommunityError, LimitReached, Missing, NotAllowed
from broadsheet.library import LibraryError, NotFound
from broadsheet.search import QueryError


class Refusal(Exception):
    """An answer other than what was asked for, raised where that is found."""

    def __init__(
        self, status: HTTPStatus, message: str, where: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.where = where
        self.headers = headers or {}


def told(
    status: HTTPStatus | int, message: str, where: str = "", headers: dict[str, str] | None = None
) -> JsonResponse:
    """The one shape of every error."""
    said: dict[str, str] = {"error": f"{message.rstrip('.')}."}
    if where:
        said["where"] = where
    return JsonResponse(said, status=status, headers={"Cache-Control": "no-store", **(headers or {})})


def listen(api: NinjaAPI) -> None:
    """Turn every error of the rooms below, and of the framework, into the one shape. What is a fault of ours is not
    among them: it goes on to the log and to `server_error`."""
    api.add_exception_handler(Refusal, _refusal)
    api.add_exception_handler(CommunityError, _community)
    api.add_exception_handler(QueryError, _query)
    api.add_exception_handler(LibraryError, _library)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _framework)
    api.add_exception_handler(Http404, _no_address)
    for error in (RequestDataTooBig, TooManyFieldsSent):
        api.add_exception_handler(error, _too_large)
    for broken in (SuspiciousOperation, UnreadablePostError):
        api.add_exception_handler(broken, _unreadable)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself cannot be read."""
    return told(HTTPStatus.BAD_REQUEST, "This request cannot be read")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The caller may not do this."""
    return told(HTTPStatus.FORBIDDEN, "This is not allowed")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Nothing has this address."""
    return told(HTTPStatus.NOT_FOUND, "The API has no such address; /api/v1/openapi.json lists those that it has")


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke on our side; the log says what."""
    return told(HTTPStatus.INTERNAL_SERVER_ERROR, "The fault is ours and is in the server's log")


def _refusal(request: HttpRequest, error: Refusal | type[Refusal]) -> HttpResponse:
    assert isinstance(error, Refusal)
    return told(error.status, str(error), error.where, error.headers)


def _community(request: HttpRequest, error: CommunityError | type[CommunityError]) -> HttpResponse:
    if isinstance(error, LimitReached):
        wait = str(int(error.wait.total_seconds()))
        return told(HTTPStatus.TOO_MANY_REQUESTS, str(error), headers={"Retry-After": wait})
    kinds = {NotAllowed: HTTPStatus.FORBIDDEN, Missing: HTTPStatus.NOT_FOUND}
    status = next((status for kind, status in kinds.items() if isinstance(error, kind)), None)
    return told(status or HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def _query(request: HttpRequest, error: QueryError | type[QueryError]) -> HttpResponse:
    return told(HTTPStatus.BAD_REQUEST, _sentence(str(error)), "q")


def _library(request: HttpRequest, error: LibraryError | type[LibraryError]) -> HttpResponse:
    status = HTTPStatus.NOT_FOUND if isinstance(error, NotFound) else HTTPStatus.BAD_REQUEST
    return told(status, _sentence(str(error)))


def _invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    """The first thing that does not fit, and where: a program mends one at a time as well as ten."""
    assert isinstance(error, ValidationError)
    first = error.errors[0]
    _, *place = first["loc"]
    where = ".".join(str(part) for part in place[1:] if place[0] in ("body", "asked", "draft")) or str(place[-1])
    said = first["msg"].removeprefix("Value error, ")
    return told(HTTPStatus.UNPROCESSABLE_ENTITY, _sentence(said), where)


def _framework(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    assert isinstance(error, HttpError)
    if isinstance(error.__cause__, Refusal):
        return _refusal(request, error.__cause__)
    return told(error.status_code, error.message)


def _no_address(request: HttpRequest, error: Http404 | type[Http404]) -> HttpResponse:
    return not_found(request)


def _too_large(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return told(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is more than a call may send")


def _unreadable(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return bad_request(request, Exception())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
