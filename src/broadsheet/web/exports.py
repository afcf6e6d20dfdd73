"""A collection in the forms that programs read: JSON Lines, BibTeX, RIS, CSL-JSON."""

import json
import re
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.community import collecting
from broadsheet.community.errors import Missing
from broadsheet.community.models import Clipping
from broadsheet.library.models import Version
from broadsheet.library.reading import open_versions
from broadsheet.papers import Identifier
from broadsheet.papers.text import fold
from broadsheet.sources import citation_key, record_to_json, tell_apart, to_bibtex, to_csl, to_ris
from broadsheet.web.collections import SLUG
from broadsheet.web.doors import reader_of, refuse

Papers = Sequence[tuple[Version, list[Identifier]]]


@require_safe
@cache_control(private=True, no_cache=True)
def export(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """A collection's papers in its reader's order, as a file."""
    viewer = reader_of(request) if request.user.is_authenticated else None
    try:
        collection = collecting.find(slug, viewer)
    except Missing as error:
        return refuse(request, error)
    ids = list(Clipping.objects.filter(collection=collection).order_by("place", "pk").values_list("paper", flat=True))
    inside = Clipping.objects.filter(collection=collection).values("paper")
    versions = {version.paper_id: version for version in open_versions("default").filter(paper__in=inside)}
    papers = [
        (versions[pk], [Identifier.parse(name) for name in versions[pk].identifiers]) for pk in ids if pk in versions
    ]
    write, content_type = _FORMS[form]
    response = HttpResponse(write(papers), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(collection.title)}.{form}"'
    return response


def _json_lines(papers: Papers) -> str:
    lines = (record_to_json(names, one.text, one.source, one.source_number) for one, names in papers)
    return "".join(f"{line}\n" for line in lines)


def _bibtex(papers: Papers) -> str:
    return "\n".join(
        to_bibtex(one.text, names, key=key) for (one, names), key in zip(papers, _keys(papers), strict=True)
    )


def _ris(papers: Papers) -> str:
    return "".join(to_ris(one.text, names) for one, names in papers)


def _csl(papers: Papers) -> str:
    objects = [to_csl(one.text, names) | {"id": key} for (one, names), key in zip(papers, _keys(papers), strict=True)]
    return json.dumps(objects, ensure_ascii=False, indent=1)


def _keys(papers: Papers) -> list[str]:
    return list(tell_apart(citation_key(one.text, names) for one, names in papers))


def _file_name(title: str) -> str:
    """A file's name from a title: small ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:60] or "collection"


_FORMS: dict[str, tuple[Callable[[Papers], str], str]] = {
    "jsonl": (_json_lines, "application/x-ndjson; charset=utf-8"),
    "bib": (_bibtex, "application/x-bibtex; charset=utf-8"),
    "ris": (_ris, "application/x-research-info-systems; charset=utf-8"),
    "csl.json": (_csl, "application/vnd.citationstyles.csl+json; charset=utf-8"),
}

urlpatterns = [re_path(rf"^collections/{SLUG}\.(?P<form>jsonl|bib|ris|csl\.json)$", export, name="export_collection")]
