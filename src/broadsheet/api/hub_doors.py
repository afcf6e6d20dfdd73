"""The two doors of the Hub's papers API: one for whoever reads, the same for all, and one for a reader's program."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from broadsheet.api.callers import BearerToken, SiteSession
from broadsheet.api.errors import Refusal, told
from broadsheet.community import limits
from broadsheet.community.errors import CommunityError, LimitReached, Missing, NotAllowed
from broadsheet.library import LibraryError
from broadsheet.search import QueryError

View = Callable[..., HttpResponse]

_FAULTS = (Refusal, QueryError, LibraryError, CommunityError)
_STATUS: Mapping[type[Exception], HTTPStatus] = {
    NotAllowed: HTTPStatus.FORBIDDEN,
    Missing: HTTPStatus.NOT_FOUND,
    LimitReached: HTTPStatus.TOO_MANY_REQUESTS,
}
_ASCII = str.maketrans({"“": '"', "”": '"', "’": "'", "…": "..."})
_TRACE = re.compile(r"[\w:;=.-]{1,200}", re.ASCII)
_bearer, _session = BearerToken(), SiteSession()


def for_everybody(view: View) -> View:
    """Answer GET and HEAD, and let scripts of any site read the answer, errors too. No token is looked at."""

    @csrf_exempt  # which would answer with a page; there is nothing to forge
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return wrong_method(request, "GET, HEAD")
        try:
            limits.spend("read", None, _address(request))
            response = view(request, **kwargs)
            patch_cache_control(response, public=True, no_cache=True)
        except _FAULTS as error:
            response = _refuse(request, error)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Link, X-Error-Message, X-Request-Id"
        return response

    return answer


def for_programs(view: View) -> View:
    """Let a view be reached by whoever may write by our own API; it is called with the caller."""

    @csrf_exempt  # `SiteSession` makes the same check
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: object) -> HttpResponse:
        try:
            response = view(request, _bearer(request) or _session(request), **kwargs)
        except _FAULTS as error:
            return _refuse(request, error)
        response["Cache-Control"] = "no-store"
        return response

    return answer


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """What an address answers to instead."""
    status = HTTPStatus.METHOD_NOT_ALLOWED
    return _told(request, status, f"This address answers to {allowed}", {"Allow": allowed})


def _refuse(request: HttpRequest, error: Exception) -> HttpResponse:
    said = str(error)
    if isinstance(error, Refusal):
        is_gone = error.status == HTTPStatus.GONE  # which is unknown to these clients
        return _told(request, HTTPStatus.NOT_FOUND if is_gone else error.status, said, error.headers)
    kinds = (found for kind, found in _STATUS.items() if isinstance(error, kind))
    status: HTTPStatus = next(kinds, HTTPStatus.BAD_REQUEST)
    wait = {"Retry-After": str(int(error.wait.total_seconds()))} if isinstance(error, LimitReached) else {}
    return _told(request, status, said[:1].upper() + said[1:], wait)


def _told(request: HttpRequest, status: HTTPStatus, message: str, headers: dict[str, str]) -> HttpResponse:
    """A sentence in the body and in a header, with the number by which the client's user may report it."""
    response = told(status, message, headers=headers)
    said = f"{message.rstrip('.')}.".translate(_ASCII)
    response["X-Error-Message"] = "".join(char if " " <= char <= "~" else "?" for char in said)
    if _TRACE.fullmatch(trace := request.headers.get("X-Amzn-Trace-Id", "")):
        response["X-Request-Id"] = trace
    return response


def _address(request: HttpRequest) -> str:
    """The network address a call came from; the server has put a trusted proxy's word for it there."""
    return str(request.META.get("REMOTE_ADDR", ""))
