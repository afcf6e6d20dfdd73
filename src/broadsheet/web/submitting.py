"""Bringing papers: the submit page, and fetching what is asked for and not here."""

from http import HTTPStatus

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.community import fetching, submitting
from broadsheet.community.errors import CommunityError, LimitReached, NotAllowed
from broadsheet.community.fetching import AlreadyHere, SourceAway
from broadsheet.library import shared
from broadsheet.library.models import Paper
from broadsheet.web.doors import act, now, reader_of
from broadsheet.web.errors import Problem, show

_NAME_LIMIT = 600


class SubmitForm(forms.Form):
    """The one field that matters, and what a reader may add."""

    paper = forms.CharField(
        label="Identifier or link",
        max_length=_NAME_LIMIT,
        help_text="An arXiv id, a DOI, an ACL Anthology id, or the link of a paper: https://arxiv.org/abs/2104.12255",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    note = forms.CharField(
        label="Why it is worth reading",
        required=False,
        max_length=submitting.NOTE_LIMIT,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )
    media_url = forms.CharField(
        label="Pictures or film",
        required=False,
        max_length=submitting.MEDIA_LIMIT,
        help_text="The web address of a figure, a demonstration or a talk",
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """The form by which a reader brings a paper to today's list."""
    if request.method == "POST":
        return _bring(request)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return _page(request, SubmitForm(initial={"paper": request.GET.get("paper", "")[:_NAME_LIMIT]}))


@act("submit")
def _bring(request: HttpRequest) -> HttpResponse:
    form = SubmitForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    told = form.cleaned_data
    try:
        submitting.checked_media(told["media_url"])
    except CommunityError as error:
        form.add_error("media_url", f"{error}.")
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    try:
        brought = submitting.submit(
            shared(), reader_of(request), told["paper"], now(), note=told["note"], media_url=told["media_url"]
        )
    except LimitReached:
        raise
    except AlreadyHere as error:
        return _page(request, form, here=error.paper, status=HTTPStatus.CONFLICT)
    except CommunityError as error:
        form.add_error("paper", f"{error}.")
        return _page(request, form, status=_status(error))
    return HttpResponseRedirect(_address(brought.paper))


@act("fetch")
def fetch(request: HttpRequest, key: str) -> HttpResponse:
    """Bring the paper of this address from its source, on the day that its own dates give it."""
    try:
        paper = fetching.fetch(shared(), key)
    except SourceAway as error:
        return show(request, Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), shows_search=False, fetch=key))
    return HttpResponseRedirect(_address(paper))


def _page(
    request: HttpRequest, form: SubmitForm, here: Paper | None = None, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    left = submitting.left_today(reader_of(request), shared().today())
    return render(request, "web/submit.html", {"form": form, "here": here, "left": left}, status=status)


def _status(error: CommunityError) -> HTTPStatus:
    if isinstance(error, SourceAway):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.FORBIDDEN if isinstance(error, NotAllowed) else HTTPStatus.BAD_REQUEST


def _address(paper: Paper) -> str:
    return reverse("web:paper", args=[paper.key])


urlpatterns = [
    path("submit", submit, name="submit"),
    path("papers/<path:key>/fetch", fetch, name="fetch"),
]
