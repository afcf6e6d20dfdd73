"""What went wrong before or beside the views, told by the room whose address it was: as a page, or as JSON."""

from django.http import HttpRequest, HttpResponse

from broadsheet.api import errors as api
from broadsheet.web import errors as web


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself cannot be read."""
    return api.bad_request(request, exception) if _is_for_programs(request) else web.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Whoever asks may not do this."""
    return api.forbidden(request, exception) if _is_for_programs(request) else web.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing has this address."""
    return api.not_found(request, exception) if _is_for_programs(request) else web.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke on our side; the log says what."""
    return api.server_error(request) if _is_for_programs(request) else web.server_error(request)


def _is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
