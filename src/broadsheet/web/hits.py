"""Hits as HTML, and the lines that hits and lists share: authors, and the small print.

A search page has twenty hits of some fifty parts each, so they are written here and not by a template: that is most of
what a page costs. `prose.fill` escapes every value.
"""

from collections.abc import Sequence
from functools import lru_cache

from django.utils.safestring import SafeString
from django.utils.text import Truncator

from broadsheet.library import Hit
from broadsheet.library.models import Version
from broadsheet.web.addresses import author_address, links_out, topic_address, version_address
from broadsheet.web.prose import fill, joined, render, render_marked
from broadsheet.web.why import Part
from broadsheet.web.words import count, foreign, short_day

NAMES = 6
_TOPICS, _LINKS = 3, 5
_VENUE = 60
_KNOWN = 4_096
"""How many authors and topics are kept as they are written."""

_HIT = """<li><article class="hit" data-paper>
  <h2%s><a href="%s" data-open><bdi>%s</bdi></a></h2>
  %s
  %s
  <ul class="meta">%s
    %s
  </ul>
</article></li>"""
_WHY = """<li class="why"><details data-toggle><summary>why this</summary><table>
  <caption class="unseen">What the score is made of</caption>
  <thead class="unseen"><tr><th>part</th><th>share</th><th>value</th></tr></thead>
  <tbody>
  %s
  </tbody>
  <tfoot><tr><th scope="row">score</th><td></td><td class="number">%s</td></tr></tfoot>
</table></details></li>"""
_PART = """<tr>
    <th scope="row"><bdi>%s</bdi>%s</th>
    <td><svg width="120" height="8" viewBox="0 0 120 8" aria-hidden="true"><rect width="%s" height="8"/></svg></td>
    <td class="number">%s</td>
  </tr>"""
_DETAIL = _PART.replace("<tr>", '<tr class="detail">')
_NOTHING = fill("")


def hits_html(hits: Sequence[tuple[Hit, Sequence[Part]]]) -> SafeString:
    """The rows of a search page: each hit with the parts of its score."""
    return joined(_hit(hit, why) for hit, why in hits)


def authors_html(version: Version, limit: int = NAMES) -> SafeString:
    """The first authors as links to their other papers, and how many more there are."""
    names = version.author_names
    if not names:
        return _NOTHING
    shown = joined([_author(name) for name in names[:limit]], ", ")
    more = fill(" <span>and %s more</span>", count(len(names) - limit)) if len(names) > limit else ""
    return fill('<p class="authors">%s%s</p>', shown, more)


def meta_html(version: Version, *, is_dated: bool = False) -> SafeString:
    """The small print of a version: topics, venue, day, source, number and links out."""
    lines = [_topic(topic) for topic in version.topics[:_TOPICS]]
    if version.venue:
        lines.append(fill("<li><bdi>%s</bdi></li>", Truncator(version.venue).chars(_VENUE)))
    if is_dated and (day := version.date):
        lines.append(fill("<li>%s</li>", short_day(day)))
    lines.append(fill("<li>%s</li>", version.source))
    if version.number > 1:
        lines.append(fill("<li>v%s</li>", version.number))
    for link in links_out(version)[:_LINKS] if version.links else ():
        kind = link["kind"] or "link"
        lines.append(fill('<li><a href="%s" rel="noopener nofollow"><bdi>%s</bdi></a></li>', link["url"], kind))
    return joined(lines, "\n")


@lru_cache(_KNOWN)
def _author(name: str) -> SafeString:
    return fill('<a href="%s"><bdi>%s</bdi></a>', author_address(name), render(name))


@lru_cache(_KNOWN)
def _topic(topic: str) -> SafeString:
    return fill('<li><a href="%s"><bdi>%s</bdi></a></li>', topic_address(topic), topic)


def _hit(hit: Hit, why: Sequence[Part]) -> SafeString:
    version, passage = hit.version, hit.snippet
    tag = foreign(version.language)
    return fill(
        _HIT,
        fill(' lang="%s"', tag) if tag else _NOTHING,
        version_address(version),
        render_marked(hit.title_segments),
        authors_html(version),
        fill('<p class="snippet" dir="auto">%s</p>', render_marked(passage)) if passage else "",
        meta_html(version, is_dated=True),
        fill(_WHY, joined(map(_part, why)), f"{hit.score:.3f}") if why else "",
    )


def _part(part: Part) -> SafeString:
    return fill(
        _DETAIL if part.is_detail else _PART,
        part.label,
        fill(", <small>%s</small>", part.note) if part.note else _NOTHING,
        part.bar,
        part.value,
    )
