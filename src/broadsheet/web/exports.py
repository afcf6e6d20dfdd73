"""A collection in the forms that programs read: JSON Lines, BibTeX, RIS, CSL-JSON."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.community import collecting, limits
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Clipping
from broadsheet.library.models import Version
from broadsheet.library.reading import open_versions
from broadsheet.papers import Identifier
from broadsheet.papers import Version as Text
from broadsheet.papers.text import fold
from broadsheet.sources import citation_key, record_to_json, tell_apart, to_bibtex, to_csl, to_ris
from broadsheet.web.collections import SLUG
from broadsheet.web.doors import address_of, reader_of, refuse


@dataclass(frozen=True, slots=True)
class Exported:
    """A paper of a collection: its row, its text as the papers room knows it, its names."""

    row: Version
    text: Text
    names: list[Identifier]

    @classmethod
    def of(cls, row: Version) -> "Exported":
        return cls(row, row.text, [Identifier.parse(name) for name in row.identifiers])


Papers = Sequence[Exported]


@require_safe
@cache_control(private=True, no_cache=True)
def export(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """A collection's papers in its reader's order, as a file."""
    viewer = reader_of(request) if request.user.is_authenticated else None
    try:
        collection = collecting.find(slug, viewer)
        limits.spend("download", viewer.pk if viewer else None, address_of(request))
    except CommunityError as error:
        return refuse(request, error)
    inside = Clipping.objects.filter(collection=collection)
    ids = inside.order_by("place", "pk").values_list("paper", flat=True)
    rows = {row.paper_id: row for row in open_versions("default").filter(paper__in=inside.values("paper"))}
    papers = [Exported.of(rows[paper]) for paper in ids if paper in rows]
    write, content_type = _FORMS[form]
    response = HttpResponse(write(papers), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(collection.title)}.{form}"'
    return response


def _json_lines(papers: Papers) -> str:
    lines = (record_to_json(one.names, one.text, one.row.source, one.row.source_number) for one in papers)
    return "".join(f"{line}\n" for line in lines)


def _bibtex(papers: Papers) -> str:
    keyed = zip(papers, _keys(papers), strict=True)
    return "\n".join(to_bibtex(one.text, one.names, key=key) for one, key in keyed)


def _ris(papers: Papers) -> str:
    return "".join(to_ris(one.text, one.names) for one in papers)


def _csl(papers: Papers) -> str:
    keyed = zip(papers, _keys(papers), strict=True)
    return json.dumps([to_csl(one.text, one.names) | {"id": key} for one, key in keyed], ensure_ascii=False, indent=1)


def _keys(papers: Papers) -> list[str]:
    return list(tell_apart(citation_key(one.text, one.names) for one in papers))


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
