"""What programs ask a site for before anything else: robots.txt, sitemaps, and how it is searched.

Sources: RFC 9309 (robots.txt), sitemaps.org 0.9, OpenSearch 1.1 draft 6 (github.com/dewitt/opensearch).
"""

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.library import shared
from broadsheet.library.models import Change, Paper
from broadsheet.library.reading import open_versions
from broadsheet.web.addresses import paper_address
from broadsheet.web.cards import site_address
from broadsheet.web.xml import Writer, second

PART = 5_000
"""Papers in a sitemap, by their numbers in the library, so that none costs more than another."""
_CLOSED = ("/accounts/", "/admin/", "/api/", "/search", "/suggest", "/feeds/search", "/oai", "/resync", "/mcp")
"""What is no page, or a page of whatever is asked for, of which there is no end."""
_LISTS = ("web:today", "web:trending", "web:newest")
_SITEMAP = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"}
_SEARCH = """<?xml version="1.0" encoding="utf-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>Broadsheet</ShortName>
<Description>Papers by words and by meaning</Description>
<InputEncoding>UTF-8</InputEncoding>
<OutputEncoding>UTF-8</OutputEncoding>
<Image width="180" height="180" type="image/png">{icon}</Image>
<Url type="text/html" rel="results" pageOffset="1" template="{search}?q={{searchTerms}}&amp;page={{startPage?}}"/>
<Url type="application/atom+xml" rel="results" template="{feed}?q={{searchTerms}}"/>
<Url type="application/x-suggestions+json" rel="suggestions" template="{suggest}?q={{searchTerms}}"/>
<Url type="application/opensearchdescription+xml" rel="self" template="{own}"/>
<Query role="example" searchTerms="caching"/>
</OpenSearchDescription>
"""
_for_an_hour = cache_control(public=True, max_age=3_600)


@require_safe
@_for_an_hour
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {closed}" for closed in _CLOSED)]
    lines += ["", f"Sitemap: {site_address(request, reverse('web:sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@_for_an_hour
def sitemap(request: HttpRequest) -> HttpResponse:
    """The sitemaps there are: one of lists, then one for every 5,000 numbers of papers."""
    parts = [reverse("web:sitemap_part", args=[number]) for number in range(_parts() + 1)]
    return _sitemap("sitemapindex", "sitemap", ((site_address(request, part), None) for part in parts))


@require_safe
@_for_an_hour
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    """The lists of the site, or the papers of one part, each with the time of its last change. Three queries."""
    if number > _parts():
        raise Http404("There is no such part of the sitemap")
    if not number:
        return _sitemap("urlset", "url", ((site_address(request, reverse(name)), None) for name in _LISTS))
    papers = open_versions("default").filter(
        paper__gt=(number - 1) * PART, paper__lte=number * PART, paper__day__lte=shared().today()
    )
    rows = list(papers.order_by("paper").values_list("paper__key", "born"))
    times = dict(Change.objects.filter(seq__in=[born for _, born in rows]).values_list("seq", "at"))
    return _sitemap("urlset", "url", ((site_address(request, paper_address(key)), times[born]) for key, born in rows))


@require_safe
@_for_an_hour
def search_description(request: HttpRequest) -> HttpResponse:
    """How browsers and readers search this site, page through the results and ask for suggestions."""
    addresses = {
        "icon": static("web/icon.png"),
        "search": reverse("web:search"),
        "feed": reverse("web:search_feed", args=["atom"]),
        "suggest": reverse("web:suggest"),
        "own": reverse("web:search_description"),
    }
    text = _SEARCH.format(**{name: escape(site_address(request, place)) for name, place in addresses.items()})
    return HttpResponse(text, content_type="application/opensearchdescription+xml")


def _parts() -> int:
    """How many parts hold the papers."""
    last: int = Paper.objects.aggregate(last=Max("pk"))["last"] or 0
    return -(-last // PART)


def _sitemap(root: str, each: str, rows: Iterable[tuple[str, datetime | None]]) -> HttpResponse:
    """Addresses, each with the time of its last change where one is told."""
    writer = Writer()
    with writer.within(root, _SITEMAP):
        for address, changed_at in rows:
            with writer.within(each):
                writer.write("loc", address)
                writer.write_each("lastmod", [second(changed_at)] if changed_at else [])
    return HttpResponse(writer.finish(), content_type="application/xml; charset=utf-8")


urlpatterns = [
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("sitemap/<int:number>.xml", sitemap_part, name="sitemap_part"),
    path("opensearch.xml", search_description, name="search_description"),
]
