"""The public page of a reader: what they say of themselves and what of theirs is public."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.community.models import Claim, Collection, Comment, Reader, Submission
from broadsheet.library.models import Version
from broadsheet.library.reading import open_versions

_SITE = "default"
_LISTED = 50


@require_safe
@cache_control(private=True, no_cache=True)
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """A reader's page. Seven queries. Nobody else sees those of readers who are limited or signed out for good."""
    reader = Reader.objects.filter(username=handle).first()
    if reader is None or not (is_public(reader) or reader == request.user):
        raise Http404("No reader here has this handle.")
    submissions = Submission.objects.filter(reader=reader).order_by("-at", "-pk")[:_LISTED]
    claims = Claim.objects.filter(reader=reader, state=Claim.State.ACCEPTED).order_by("-at", "-pk")[:_LISTED]
    submitted = list(submissions.values_list("paper", flat=True))
    written = list(claims.values_list("paper", flat=True))
    by_paper = {version.paper_id: version for version in open_versions(_SITE).filter(paper__in={*submitted, *written})}
    public = Collection.objects.filter(reader=reader, visibility=Collection.Visibility.PUBLIC)
    context = {
        "reader": reader,
        "comments": Comment.objects.filter(reader=reader, is_shown=True, deleted_at__isnull=True).count(),
        "submitted": _listed(submitted, by_paper),
        "written": _listed(written, by_paper),
        "public": list(public.order_by("-changed_at", "-pk")[:_LISTED]),
    }
    return render(request, "web/profile.html", context)


def is_public(reader: Reader) -> bool:
    """Whether others may see a reader's page."""
    return reader.is_active and not reader.is_limited


def _listed(papers: Iterable[int], versions: dict[int, Version]) -> list[Version]:
    return [versions[paper] for paper in papers if paper in versions]
