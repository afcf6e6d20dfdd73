"""What readers and editors did with the papers of a page: a fixed number of queries."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from broadsheet.community import featuring, submitting
from broadsheet.community.models import Clipping, Reader
from broadsheet.community.voting import voted
from broadsheet.library.models import Version
from broadsheet.web.doors import reader_of


def marks(request: HttpRequest, versions: Iterable[Version]) -> dict[str, Any]:
    """For a template: who brought and who featured these papers, and what the signed-in reader voted for and saved.

    One query for a stranger, two where an editor featured one of them, two more for a reader.
    """
    shown = list(versions)
    papers = [version.paper_id for version in shown]
    viewer = reader_of(request) if request.user.is_authenticated else None
    featured = [version.paper_id for version in shown if version.paper.is_featured]
    return {
        "submissions": submitting.submissions(papers, viewer),
        "features": featuring.features(featured) if featured else {},
        "voted": voted(viewer, papers) if viewer else set(),
        "saved": _saved(viewer, papers) if viewer else set(),
    }


def _saved(reader: Reader, papers: Iterable[int]) -> set[int]:
    """Which of these papers the save button has put away."""
    found = Clipping.objects.filter(collection__reader=reader, collection__is_default=True, paper__in=papers)
    return set(found.values_list("paper", flat=True))
