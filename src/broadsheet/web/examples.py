"""Searches by example: an abstract that is pasted, or references that are sent. Nothing of either is kept."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.community import limits
from broadsheet.community.errors import LimitReached
from broadsheet.community.models import Reader
from broadsheet.library import shared
from broadsheet.library.examples import EXAMPLES, FEWEST, FILE_LIMIT, LETTERS, Example, find_like, read_examples
from broadsheet.sources import SourceError
from broadsheet.web.doors import address_of, refuse
from broadsheet.web.why import largest, why
from broadsheet.web.words import counted

FOLLOW_SECONDS = 0.05


class ExampleForm(forms.Form):
    """A text or a file."""

    text = forms.CharField(
        label="A text, such as an abstract",
        max_length=LETTERS,
        required=False,
        widget=forms.Textarea({"rows": 8, "dir": "auto"}),
    )
    file = forms.FileField(
        label="Or references: BibTeX, RIS or CSL-JSON",
        required=False,
        help_text=f"The titles and abstracts of its first {EXAMPLES} papers are taken together; up to 256 kB.",
        widget=forms.FileInput({"accept": ".bib,.bibtex,.ris,.json"}),
    )

    def clean_file(self) -> list[Example]:
        """The titles and abstracts in the file."""
        sent = self.cleaned_data.get("file")
        if not isinstance(sent, UploadedFile):
            return []
        if (sent.size or 0) > FILE_LIMIT:
            raise forms.ValidationError("This file is larger than 256 kB.")
        try:
            return read_examples(sent.read(FILE_LIMIT))
        except SourceError as error:
            raise forms.ValidationError(f"{capfirst(str(error)[:300])}.") from error

    def clean(self) -> dict[str, Any]:
        """The examples, from whichever was given."""
        cleaned = super().clean() or {}
        text = " ".join(cleaned.get("text", "").split())
        if not self.errors:
            if not text and not cleaned.get("file"):
                raise forms.ValidationError("Paste a text or choose a file.")
            if text and len(text) < FEWEST:
                self.add_error("text", "This is short for an example; the search field takes it.")
            cleaned["examples"] = ([("", text)] if text else []) + cleaned.get("file", [])
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def like(request: HttpRequest) -> HttpResponse:
    """The form, and below it the papers nearest to what was sent. It is sent by POST, since it is long and private."""
    if request.method != "POST":
        return render(request, "web/like.html", {"form": ExampleForm()})
    reader = request.user.pk if isinstance(request.user, Reader) else None
    try:
        limits.spend("example", reader, address_of(request))
    except LimitReached as error:
        return refuse(request, error)
    form = ExampleForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "web/like.html", {"form": form}, status=HTTPStatus.BAD_REQUEST)
    return render(request, "web/like.html", {"form": form, **_found(form.cleaned_data["examples"])})


def _found(examples: Sequence[Example]) -> dict[str, Any]:
    library = shared()
    hits = find_like(library, examples, budget=FOLLOW_SECONDS)
    whole = largest(hits)
    of = "your text" if len(examples) == 1 and not examples[0][0] else counted(len(examples), "paper")
    how = "by words and meaning" if library.embedder else "by words"
    said = f"The nearest to {of}, {how}" if hits else "No paper here has any of its words"
    return {
        "sentence": said,
        "hits": [(hit, why(hit, whole)) for hit in hits],
        "telling": hits[0].query if hits else None,
    }


urlpatterns = [path("search/like", like, name="like")]
