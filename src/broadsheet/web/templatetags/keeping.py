"""Tags for what readers and editors do with papers: the save button, who brought a paper, who signed as its author."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django import template
from django.template import Context
from django.urls import reverse

from broadsheet.library.models import Version

register = template.Library()


@register.inclusion_tag("web/clip_save.html", takes_context=True)
def save(context: Context, version: Version) -> Mapping[str, object]:
    """The save button of a paper."""
    request, paper = context["request"], version.paper
    return {
        "paper": paper,
        "is_saved": paper.pk in (context.get("saved") or ()),
        "is_signed_in": request.user.is_authenticated,
        "next": f"{request.get_full_path()}#p{paper.pk}",
        "sign_in": reverse("account_login"),
    }


@register.inclusion_tag("web/submitted.html", takes_context=True)
def brought(context: Context, version: Version) -> Mapping[str, object]:
    """Who brought a paper here, and what the editors say of it."""
    return {
        "submission": (context.get("submissions") or {}).get(version.paper_id),
        "feature": (context.get("features") or {}).get(version.paper_id),
    }


@register.inclusion_tag("web/claimed_authors.html", takes_context=True)
def signed_authors(context: Context, version: Version, limit: int = 30) -> Mapping[str, object]:
    """The first authors as `authors` shows them, each with the reader whom an editor accepted as them.

    Those further down who are readers here are named too.
    """
    readers = {claim.author: claim.reader for claim in context.get("signed") or ()}
    names = version.author_names
    rest = names[limit:]
    signed = [name for name in dict.fromkeys(rest) if name in readers]
    return {
        "names": [(name, readers.get(name)) for name in [*names[:limit], *signed]],
        "more": len([name for name in rest if name not in readers]),
    }


@register.filter
def of(rows: Mapping[int, object] | None, version: Version) -> object:
    """What a mapping by paper holds for a version's paper; nothing where it holds nothing."""
    return (rows or {}).get(version.paper_id, "")


@register.filter
def host(url: str) -> str:
    """The host of a web address that was checked before."""
    return urlsplit(url).hostname or ""
