"""Filters and tags of the templates. What they return as HTML was escaped or sanitised in `prose` or by Django."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from broadsheet.library.models import Version
from broadsheet.library.scheduling import often
from broadsheet.web import addresses, feed_links, hits, prose, words
from broadsheet.web.sparkline import sparkline

register = template.Library()
register.filter("count", words.count)
register.filter("size", words.size)
register.filter("often", often)
register.filter("counted", words.counted)
register.filter("long_day", words.long_day)
register.filter("short_day", words.short_day)
register.filter("near_day", words.near_day)
register.filter("plain", prose.plain)
register.filter("linked_data", prose.linked_data)
register.filter("links_out", addresses.links_out)
register.filter("author_address", addresses.author_address)
register.filter("topic_address", addresses.topic_address)
register.simple_tag(sparkline)
register.simple_tag(hits.authors_html, name="authors")
register.simple_tag(hits.meta_html, name="meta")
register.simple_tag(hits.hits_html, name="hits")
register.simple_tag(addresses.search_address)

OPENING = 4_000


@register.filter
def written(text: str) -> SafeString:
    """Text as HTML, with its maths."""
    return prose.render(text)


@register.filter
def linked(text: str) -> SafeString:
    """Text as HTML, with its maths and its web addresses as links."""
    return prose.render(text, links=True)


@register.filter
def opening(text: str) -> SafeString:
    """As `linked`, cut where a list would get too heavy; the paper's own page has the rest."""
    return prose.render(text if len(text) <= OPENING else f"{text[:OPENING].rsplit(' ', 1)[0]} …", links=True)


@register.filter
def marked(segments: Iterable[tuple[str, bool]]) -> SafeString:
    """A hit's text with its matches in <mark>."""
    return prose.render_marked(segments)


@register.filter
def language(version: Version) -> str:
    """The language of a version for `lang`, or nothing where it is English, unknown or not a language tag."""
    return words.foreign(version.language)


@register.simple_tag
def moment(when: datetime, now: datetime) -> SafeString:
    """A time as "3 hours ago", the exact one on hover."""
    utc = when.astimezone(UTC)
    exact = f"{words.short_day(utc)}, {utc:%H:%M} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), exact, words.ago(when, now))


@register.inclusion_tag("web/vote.html", takes_context=True)
def vote(context: Context, version: Version) -> Mapping[str, object]:
    """The vote button of a paper. A limited reader's own vote is counted for that reader."""
    request, paper = context["request"], version.paper
    is_given = paper.pk in (context.get("voted") or ())
    is_signed_in = request.user.is_authenticated
    return {
        "paper": paper,
        "is_given": is_given,
        "is_signed_in": is_signed_in,
        "votes": paper.votes + (is_given and is_signed_in and request.user.is_limited),
        "next": f"{request.get_full_path()}#p{paper.pk}",
        "sign_in": reverse("account_login"),
    }


@register.simple_tag
@cache
def assets() -> SafeString:
    """What the head of every page loads: written once, as it is the same for all."""
    return render_to_string("web/assets.html")


@register.simple_tag
@cache
def syntax() -> SafeString:
    """What a query may hold, beside every search."""
    return render_to_string("web/syntax.html")


@register.inclusion_tag("web/feed_links.html", name="feed_links")
def _feed_links(feed: Sequence[feed_links.FeedLink] | str) -> Mapping[str, object]:
    """The feeds of a page's list, for its head; those of the daily list where it has none."""
    return {"links": feed or feed_links.of("daily")}
