"""Pages for what went wrong, in the look of the rest. None of them reads the database."""

from dataclasses import dataclass
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Problem:
    """What happened and what the reader can do; `shows_search` offers the search field, filled with `query`."""

    status: HTTPStatus
    title: str
    advice: tuple[str, ...] = ()
    shows_search: bool = True
    query: str = ""
    link: tuple[str, str] | None = None
    """Words and address of the one place outside this site that may help; the address was checked."""
    fetch: str = ""
    """The name of a paper that a signed-in reader may have fetched."""


def show(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer with the page of a problem, kept by no cache."""
    response = render(request, "web/problem.html", {"problem": problem}, status=problem.status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself cannot be read."""
    return show(request, Problem(HTTPStatus.BAD_REQUEST, "This request cannot be read", ("Check the address.",)))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The reader may not do this."""
    advice = ("If you sent a form, go back, reload the page and send it again.",)
    return show(request, Problem(HTTPStatus.FORBIDDEN, "This is not allowed", advice))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No page has this address; a view may have said more."""
    said = str(exception.args[0]) if isinstance(exception, Http404) and exception.args else ""
    is_ours = isinstance(exception, Http404) and said and type(exception) is Http404
    return show(
        request, Problem(HTTPStatus.NOT_FOUND, "There is no such page", (said,) if is_ours else ("Check the address.",))
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke on our side; the log says what."""
    problem = Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This page could not be made",
        ("The fault is ours and is in the server's log. Try again in a minute.",),
        shows_search=False,
    )
    return show(request, problem)
