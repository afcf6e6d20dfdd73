"""The addresses of the API. Whatever lies under /api answers in JSON, also where there is nothing."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from broadsheet.api import hub
from broadsheet.api.errors import not_found, told
from broadsheet.api.v1 import api

View = Callable[..., HttpResponse]


def in_one_shape(view: View) -> View:
    """Answer HEAD as GET, and a method that an address does not have in the one shape of errors.

    Exempt from Django's check of forms, which would answer with a page: `SiteSession` makes the same check.
    """

    @csrf_exempt
    @wraps(view, assigned=())
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        method, request.method = request.method, "GET" if request.method == "HEAD" else request.method
        response = view(request, *args, **kwargs)
        request.method = method
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        allowed = ", ".join(sorted(set(response["Allow"].replace(",", " ").split())))
        return told(HTTPStatus.METHOD_NOT_ALLOWED, f"This address answers to {allowed}", headers={"Allow": allowed})

    return answer


def _wrapped(pattern: URLPattern) -> URLPattern:
    return URLPattern(pattern.pattern, in_one_shape(pattern.callback), pattern.default_args, pattern.name)


_patterns: dict[str, URLPattern] = {}
for _pattern in api.urls[0]:  # one for each method, of which the first answers to all
    if isinstance(_pattern, URLPattern) and str(_pattern.pattern) not in _patterns:
        _patterns[str(_pattern.pattern)] = _wrapped(_pattern)
urlpatterns = [
    path("v1/", include((list(_patterns.values()), "api"))),
    path("", include((hub.urlpatterns, "hub"))),
    re_path("", csrf_exempt(not_found)),
]
