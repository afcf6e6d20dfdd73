"""Writing the documents of ResourceSync: sitemaps and indexes of sitemaps with its two elements, md and ln.

Source: ANSI/NISO Z39.99-2017, ResourceSync Framework Specification 1.1, sections 5 to 13.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from broadsheet.web.xml import NOTHING, Writer, second

_NAMESPACES = {
    "xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "xmlns:rs": "http://www.openarchives.org/rs/terms/",
}
Absolute = Callable[[str], str]
"""From a path of this site to its whole address."""


class Listing:
    """A document of one capability: what it says of itself, its links, and then one element for each address."""

    def __init__(self, capability: str, about: Mapping[str, str], up: str = "", is_index: bool = False) -> None:
        self._writer = Writer()
        self._root, self._each = ("sitemapindex", "sitemap") if is_index else ("urlset", "url")
        self._rows: list[tuple[str, str, Mapping[str, str]]] = []
        self._about = {"capability": capability, **about}
        self._links = {"up": up} if up else {}

    def link(self, relation: str, address: str) -> None:
        """Say where a related document is."""
        self._links[relation] = address

    def add(self, address: str, description: Mapping[str, str] = NOTHING, modified: datetime | None = None) -> None:
        """List an address: when it was modified, to the second, and what else is said of it."""
        self._rows.append((address, second(modified) if modified else "", description))

    def finish(self) -> bytes:
        """The document."""
        writer = self._writer
        with writer.within(self._root, _NAMESPACES):
            for relation, address in self._links.items():
                writer.write("rs:ln", "", {"rel": relation, "href": address})
            writer.write("rs:md", "", self._about)
            for address, modified, description in self._rows:
                with writer.within(self._each):
                    writer.write("loc", address)
                    if modified:
                        writer.write("lastmod", modified)
                    if description:
                        writer.write("rs:md", "", description)
        return writer.finish()


def moment(at: datetime) -> str:
    """A moment as exactly as the journal has it: two changes of one second stay apart.

    >>> moment(datetime(2026, 11, 21, 9, 5, 7, 120, tzinfo=UTC))
    '2026-11-21T09:05:07.000120Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
