"""The page on which readers send their references, see what was understood of them, and take them back."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.community import bibliographies
from broadsheet.community.errors import CommunityError
from broadsheet.digests import subscribing
from broadsheet.library import shared
from broadsheet.sources.references import FILE_LIMIT
from broadsheet.web.doors import act, now, reader_of
from broadsheet.web.words import counted

SHOWN = 10
"""How many papers of a list are shown."""


class BibliographyForm(forms.Form):
    """A file."""

    file = forms.FileField(
        label="A file of references",
        help_text="BibTeX, RIS or CSL-JSON, as Zotero, Mendeley, EndNote and others export them; up to 5 MB.",
        widget=forms.FileInput({"accept": ".bib,.bibtex,.ris,.json"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """A file that is not too large to be read."""
        sent: UploadedFile[Any] = self.cleaned_data["file"]
        if (sent.size or 0) > FILE_LIMIT:
            raise forms.ValidationError("This file is larger than 5 MB; send it in parts.")
        return sent


@require_safe
@never_cache
@login_required
def show_bibliographies(request: HttpRequest) -> HttpResponse:
    """A reader's lists of references, and the form for another one."""
    return _page(request, BibliographyForm())


@act("bibliography")
def send_bibliography(request: HttpRequest) -> HttpResponse:
    """Read a file and find its papers here."""
    form = BibliographyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, HTTPStatus.BAD_REQUEST)
    sent: UploadedFile[Any] = form.cleaned_data["file"]
    try:
        row = bibliographies.add(reader_of(request), shared(), sent.name or "", sent.read(FILE_LIMIT + 1), now())
    except CommunityError as error:
        form.add_error("file", f"{error}.")
        return _page(request, form, HTTPStatus.BAD_REQUEST)
    messages.success(request, f"{row.found:,} of {counted(row.total, 'reference')} found here.")
    return _back(row.pk)


@act("change")
def forget_bibliography(request: HttpRequest, number: int) -> HttpResponse:
    """Forget a list and what was learned of it."""
    row = bibliographies.find(reader_of(request), number)
    bibliographies.forget(row)
    messages.success(request, "Forgotten, with everything that was learned of it.")
    return _back()


def _page(request: HttpRequest, form: BibliographyForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    reader, library = reader_of(request), shared()
    rows = bibliographies.bibliographies(reader).prefetch_related("themes")
    context = {
        "form": form,
        "lists": [(row, bibliographies.waiting(row), bibliographies.papers_of(library, row, SHOWN)) for row in rows],
        "is_full": len(rows) >= bibliographies.MOST,
        "is_subscribed": subscribing.subscription(reader) is not None,
        "has_encoder": library.embedder is not None,
        "shown": SHOWN,
        "now": now(),
    }
    return render(request, "web/bibliographies.html", context, status=status)


def _back(number: int | None = None) -> HttpResponse:
    anchor = f"#list-{number}" if number else ""
    return HttpResponseRedirect(f"{reverse('web:bibliographies')}{anchor}", status=HTTPStatus.SEE_OTHER)


urlpatterns = [
    path("references", show_bibliographies, name="bibliographies"),
    path("references/send", send_bibliography, name="send_bibliography"),
    path("references/<int:number>/forget", forget_bibliography, name="forget_bibliography"),
]
