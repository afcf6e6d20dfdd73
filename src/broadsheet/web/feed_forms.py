"""The three forms of a feed: what an entry says, and how Atom, RSS 2.0 and JSON Feed 1.1 write it.

Sources: RFC 4287, RFC 4122, the RSS 2.0 specification, jsonfeed.org/version/1.1, XML 1.0 (2.2, characters).
"""

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator

from broadsheet.library.models import Version
from broadsheet.web.prose import plain

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed changed last that has never held anything."""
_AUTHORS = 100
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_READS_AS_MARKUP = re.compile(r"<|&#?\w+;")


@dataclass(frozen=True, slots=True)
class Feed:
    """A list to be written: its title, its page as a path, and its papers in order.

    `stored` says when each version was stored, `notes` what a reader wrote about a paper, both by number;
    `arguments` are those of its address, `changed_at` is for a list without papers.
    """

    title: str
    page: str
    versions: Sequence[Version]
    stored: Mapping[int, datetime]
    notes: Mapping[int, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    about: str = "Fresh research papers"
    changed_at: datetime = NEVER


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    link: str
    title: str
    paragraphs: list[str]
    authors: list[str]
    topics: list[str]
    added_at: datetime
    changed_at: datetime


Absolute = Callable[[str], str]
"""From a path of this site to its whole address."""


def write(feed: Feed, form: str, address: str, absolute: Absolute) -> bytes:
    """Write a feed that is at an address (a path) as "atom", "rss" or "json".

    The same list gives the same bytes, whoever asks and whenever.
    """
    entries = [_entry(feed, version, absolute) for version in feed.versions]
    if form == "json":
        return _json(feed, entries, address, absolute)
    return _xml(feed, entries, address, absolute, is_rss=form == "rss")


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold.

    >>> clean("a\\x00b\\x0c\\ufffec")
    'abc'
    """
    return _NOT_XML.sub("", text)


def _entry(feed: Feed, version: Version, absolute: Absolute) -> _Entry:
    paper = version.paper
    note, title, abstract = feed.notes.get(paper.pk, "").strip(), plain(version.title), plain(version.abstract)
    return _Entry(
        name=_name(paper.key, paper.added_at),
        link=absolute(reverse("web:paper", args=[paper.key])),
        title=clean(title),
        paragraphs=[clean(text) for text in (note, abstract) if text],
        authors=[clean(plain(name)) for name in version.author_names[:_AUTHORS]],
        topics=[clean(topic) for topic in version.topics],
        added_at=paper.added_at,
        changed_at=feed.stored[version.pk],
    )


def _name(key: str, added_at: datetime) -> str:
    """The name of an entry for ever, whatever the host, the list and its order: of the paper's key and arrival."""
    return uuid5(NAMESPACE_URL, f"broadsheet {added_at.astimezone(UTC).isoformat()} {key}").urn


def _json(feed: Feed, entries: Sequence[_Entry], address: str, absolute: Absolute) -> bytes:
    written = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": clean(feed.title),
        "description": clean(feed.about),
        "home_page_url": absolute(feed.page),
        "feed_url": absolute(address),
        "language": "en",
        "items": [
            {
                "id": entry.name,
                "url": entry.link,
                "title": entry.title,
                "content_text": "\n\n".join(entry.paragraphs) or entry.title,
                "date_published": entry.added_at.isoformat(),
                "date_modified": entry.changed_at.isoformat(),
                "authors": [{"name": name} for name in entry.authors],
                "tags": entry.topics,
            }
            for entry in entries
        ],
    }
    return json.dumps(written, ensure_ascii=False).encode()


def _xml(feed: Feed, entries: Sequence[_Entry], address: str, absolute: Absolute, is_rss: bool) -> bytes:
    written = (_Rss if is_rss else _Atom)(
        title=_as_html(clean(feed.title)) if is_rss else clean(feed.title),
        link=absolute(feed.page),
        description=clean(feed.about),
        author_name="Broadsheet",
        feed_url=absolute(address),
        language="en",
        changed_at=max((entry.changed_at for entry in entries), default=feed.changed_at),
    )
    for entry in entries:
        written.add_item(
            title=_as_html(entry.title) if is_rss else entry.title,
            link=entry.link,
            description=_paragraphs(entry.paragraphs),
            unique_id=entry.name,
            unique_id_is_permalink=False,
            categories=entry.topics,
            pubdate=entry.added_at,
            updateddate=entry.changed_at,
            authors=entry.authors,
        )
    return written.writeString("utf-8").encode()


def _as_html(text: str) -> str:
    """A title for RSS, whose readers take what looks like HTML for HTML."""
    return html.escape(text) if _READS_AS_MARKUP.search(text) else text


def _paragraphs(texts: Sequence[str]) -> str:
    written = [html.escape(text) for text in texts]
    return written[0] if len(written) == 1 else "".join(f"<p>{text}</p>" for text in written)


class _Atom(Atom1Feed):
    def latest_post_date(self) -> datetime:
        return self.feed["changed_at"]  # type: ignore[no-any-return]

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, object]) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:  # type: ignore[attr-defined]
            handler.startElement("author", {})  # type: ignore[arg-type]  # as Django itself writes it
            handler.addQuickElement("name", name)
            handler.endElement("author")


class _Rss(Rss201rev2Feed):
    def latest_post_date(self) -> datetime:
        return self.feed["changed_at"]  # type: ignore[no-any-return]

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, object]) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:  # type: ignore[attr-defined]
            handler.addQuickElement("dc:creator", name, {"xmlns:dc": "http://purl.org/dc/elements/1.1/"})
