"""A paper in the forms that programs read: BibTeX, RIS, CSL-JSON, Markdown; by ending or by what is accepted."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import path, re_path, reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.library import Library, NotFound, shared
from broadsheet.web import missing, views
from broadsheet.web.cards import site_address
from broadsheet.web.paper_forms import FORMS, file_name, shown_text

_TEXT = "text/plain; charset=utf-8"
_PAGE = "text/html"


_ENDINGS = {form.media_type: ending for ending, form in FORMS.items()}


@require_safe
def paper(request: HttpRequest, key: str) -> HttpResponse:
    """A paper as its page, or in the form that a program accepts before HTML."""
    accepted = request.get_preferred_type([_PAGE, *_ENDINGS]) or _PAGE
    response = _cited(request, key, _ENDINGS[accepted]) if accepted in _ENDINGS else views.paper(request, key)
    patch_vary_headers(response, ["Accept"])
    return response


@require_safe
@cache_control(no_cache=True)
def cited(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    """A paper in one form; where the whole address is itself the name of a paper, that paper's page."""
    try:
        shared().find_paper(f"{key}.{ending}")
    except NotFound:
        return _cited(request, key, ending)
    return paper(request, f"{key}.{ending}")


def _cited(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    library = shared()
    try:
        version = library.find(key)
    except NotFound:
        return _absent(library, key)
    if version.paper.key != key:
        return HttpResponsePermanentRedirect(reverse("web:cited_paper", args=[version.paper.key, ending]))
    form, names = FORMS[ending], library.names(version.paper)
    page = site_address(request, reverse("web:paper", args=[key]))
    response = HttpResponse(form.write(shown_text(version), names, page), content_type=form.content_type)
    response["Content-Disposition"] = f'inline; filename="{file_name(key)}.{ending}"'
    return response


def _absent(library: Library, key: str) -> HttpResponse:
    """Why there is nothing, in plain text: a program asked."""
    problem = missing.problem(library, key)
    said = "\n".join([problem.title, *problem.advice])
    response = HttpResponse(f"{said}\n", status=problem.status, content_type=_TEXT)
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    re_path(rf"^papers/(?P<key>.+)\.(?P<ending>{'|'.join(FORMS)})$", cited, name="cited_paper"),
    path("papers/<path:key>", paper, name="paper"),
]
