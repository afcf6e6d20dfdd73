"""An earlier text of a paper, as it stood until the next one: at an address that stays, for people alone."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from broadsheet.library import Library
from broadsheet.library.models import Version
from broadsheet.web import versions
from broadsheet.web.addresses import paper_address
from broadsheet.web.cards import site_address
from broadsheet.web.errors import Problem, show

_DIGITS = 9


def earlier(request: HttpRequest, library: Library, newest: Version, asked: str) -> HttpResponse:
    """The text with the number that is asked for; the newest one is the paper's own page. Two queries."""
    page = reverse("web:paper", args=[newest.paper.key])
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS else 0
    if number == newest.number:
        return HttpResponseRedirect(page)
    history = library.history(newest.paper)
    version = next((row for row in reversed(history) if row.number == number), None)
    if version is None:
        return show(request, _unknown(newest))
    steps = versions.timeline(newest.paper, history)
    context = {
        "version": version,
        "newest": newest,
        "steps": steps,
        "next": next(step for step in reversed(steps) if step.number > number),
        "page": paper_address(newest.paper.key),
        "canonical": site_address(request, page),
    }
    response = render(request, "web/paper_version.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _unknown(newest: Version) -> Problem:
    count = "one version, which is its page" if newest.number == 1 else f"versions 1 to {newest.number:,}"
    return Problem(HTTPStatus.NOT_FOUND, "This paper has no such version", (f"It has {count}.",))
