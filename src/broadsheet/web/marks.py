"""What a signed-in reader did with the papers of a page: a fixed number of queries, none for others."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from broadsheet.community.models import Clipping
from broadsheet.community.voting import voted
from broadsheet.library.models import Version
from broadsheet.web.doors import reader_of


def marks(request: HttpRequest, versions: Iterable[Version]) -> dict[str, Any]:
    """The papers among these that the reader voted for and saved, for a template."""
    if not request.user.is_authenticated:
        return {"voted": set(), "saved": set()}
    reader, papers = reader_of(request), [version.paper_id for version in versions]
    saved = Clipping.objects.filter(collection__reader=reader, paper__in=papers).values_list("paper", flat=True)
    return {"voted": voted(reader, papers), "saved": set(saved)}
