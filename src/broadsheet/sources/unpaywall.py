"""Unpaywall: where a work with a DOI can be read for free, into links."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from broadsheet.papers import Link, PaperError, Record, Version
from broadsheet.sources.asking import ask, mail_in, parse_answer
from broadsheet.sources.errors import FetchError, SourceError
from broadsheet.sources.identifiers import name_work
from broadsheet.sources.json_members import Members, day_in, object_in, objects_in, text_in
from broadsheet.sources.markup import strip_markup
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.transport import Transport

SOURCE = "unpaywall"
ENDPOINT = "https://api.unpaywall.org/v2/"
PER_PAGE = 20
"""How many works one page tells of; each is a question of its own."""


def parse_unpaywall(payload: bytes, place: str, title: str = "") -> Record | None:
    """Read Unpaywall's answer about one DOI; None for a work that cannot be read for free.

    The link is the PDF, else the page with the full text. `title` is under which the paper is known already. Raises
    SourceError for anything but such an answer, PaperError for one that cannot be used. Source: Unpaywall API, v2.
    """
    answer = parse_answer(payload, place)
    names = name_work([("doi", text_in(answer, ("doi",)))])
    if not names:
        raise SourceError(f"{place} did not answer with a work that has a DOI")
    link = _link(answer)
    if link is None:
        return None
    if title:
        return Record(SOURCE, names, Version(title, links=(link,)), place=str(names[0]))
    version = Version(
        strip_markup(text_in(answer, ("title",))),
        published=day_in(answer, ("published_date", "year")),
        venue=strip_markup(text_in(answer, ("journal_name",))),
        links=(link,),
    )
    return Record(SOURCE, names, version, place=str(names[0]))


@dataclass
class Unpaywall:
    """Links to free full texts of works, given as (DOI, title) pairs; without a title the service's own counts.

    Works that nobody may read for free bring nothing. Raises SourceError at once where the transport's contact is no
    mail address, which the service asks for.
    """

    transport: Transport
    works: Sequence[tuple[str, str]]
    endpoint: str = ENDPOINT
    name: str = SOURCE

    def __post_init__(self) -> None:
        if not mail_in(self.transport.contact):
            raise SourceError("Unpaywall asks for a mail address: name yours in BROADSHEET_CONTACT")

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield a page for every PER_PAGE works, from the first or from behind the one that a cursor names.

        A work that is no longer among them was given its link meanwhile: the others are asked for from the first.
        """
        start = next((place for place, (doi, _) in enumerate(self.works, 1) if doi == cursor), 0)
        while True:
            found = [self._ask(doi, title) for doi, title in self.works[start : start + PER_PAGE]]
            start += PER_PAGE
            is_last = start >= len(self.works)
            yield Page(
                tuple(one for one in found if isinstance(one, Record)),
                tuple(one for one in found if isinstance(one, Fault)),
                None if is_last else self.works[start - 1][0],
                len(self.works),
                min(start, len(self.works)),
            )
            if is_last:
                return

    def _ask(self, doi: str, title: str) -> Record | Fault | None:
        where = f"{self.endpoint}{quote(doi, safe='')}"
        try:
            payload = ask(self.transport, where, {"email": mail_in(self.transport.contact)})
            return parse_unpaywall(payload, where, title)
        except FetchError as error:
            if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY):
                return Fault(f"doi:{doi}", "Unpaywall does not know it")
            raise
        except PaperError as error:
            return Fault(f"doi:{doi}", str(error))


def _link(answer: Members) -> Link | None:
    if answer.get("is_oa") is not True:
        return None
    places = [object_in(answer, "best_oa_location"), *objects_in(answer, "oa_locations")]
    for kind, name in (("pdf", "url_for_pdf"), ("full text", "url")):
        url = next((url for url in (text_in(place, (name,)) for place in places) if url), "")
        if url.lower().startswith(("http://", "https://")):
            return Link(kind, url)
    return None
