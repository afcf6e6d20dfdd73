"""The six verbs: from a question to what is written in answer. Each costs a fixed number of queries.

An answer holds as of a change of the journal, whose time is its response date. Every later change has that time or a
later one, however long its writer's transaction has been open, so a harvester that asks next from its last response
date hears of everything. The pages of one list have the response date of the first.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parseaddr
from itertools import islice

from django.conf import settings

from broadsheet.library import Library
from broadsheet.library.changes_since import (
    Span,
    State,
    Wanted,
    few_with,
    first_moment,
    last_before,
    places,
    size,
    sources,
    states,
    time_of,
)
from broadsheet.web.lists import FOLLOW_SECONDS
from broadsheet.web.oai.formats import FORMATS, Format
from broadsheet.web.oai.identifiers import find_named, repository
from broadsheet.web.oai.questions import Question, read_dates
from broadsheet.web.oai.records import Address, write_header, write_record
from broadsheet.web.oai.refusals import NotReady, Refusal
from broadsheet.web.oai.sets import ARCHIVES, present_archives, set_of_source, set_of_topic, wanted_of
from broadsheet.web.oai.tokens import UNKNOWN, Place, read_token, write_token
from broadsheet.web.oai.writing import XSI, schema
from broadsheet.web.xml import Writer, second

PAGE = 250
"""How many records, headers or topics one answer holds at most."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of the last change where there is none: every change comes later."""
_READ_AT_ONCE = 20_000
"""How many changes the vocabulary may be behind and still be waited for."""
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)+")
_OAI_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, of whom it is asked, and what the journal's head was when it came."""

    question: Question
    library: Library
    head: int
    head_at: datetime
    base: str
    address: Address

    @property
    def alias(self) -> str:
        """The library's database."""
        return self.library.alias


@dataclass(frozen=True, slots=True)
class Answer:
    """What is written within the element of the verb, and as of when it holds."""

    at: datetime
    write: Callable[[Writer], None]


def identify(asked: Asked) -> Answer:
    """Who answers here, and how."""
    earliest = first_moment(asked.alias) or NEVER

    def write(writer: Writer) -> None:
        writer.write("repositoryName", "Broadsheet")
        writer.write("baseURL", asked.base)
        writer.write("protocolVersion", "2.0")
        writer.write("adminEmail", parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
        writer.write("earliestDatestamp", second(earliest))
        writer.write("deletedRecord", "persistent")
        writer.write("granularity", "YYYY-MM-DDThh:mm:ssZ")
        if _DOMAIN.fullmatch(repository()):
            _describe_identifiers(writer)

    return Answer(asked.head_at, write)


def _describe_identifiers(writer: Writer) -> None:
    where = schema(_OAI_IDENTIFIER, f"{_OAI_IDENTIFIER}.xsd")
    names = {"xmlns": _OAI_IDENTIFIER, "xmlns:xsi": XSI, "xsi:schemaLocation": where}
    with writer.within("description"), writer.within("oai-identifier", names):
        writer.write("scheme", "oai")
        writer.write("repositoryIdentifier", repository())
        writer.write("delimiter", ":")
        writer.write("sampleIdentifier", f"oai:{repository()}:2104.12255")


def list_formats(asked: Asked) -> Answer:
    """The formats, all of which tell of every paper that stands."""
    if asked.question.get("identifier") and _found(asked).is_gone:
        raise Refusal("noMetadataFormats", "this paper is gone; of such only a header is told")

    def write(writer: Writer) -> None:
        for prefix, form in FORMATS.items():
            with writer.within("metadataFormat"):
                writer.write("metadataPrefix", prefix)
                writer.write("schema", form.schema)
                writer.write("metadataNamespace", form.namespace)

    return Answer(asked.head_at, write)


def get_record(asked: Asked) -> Answer:
    """One paper."""
    form = _format(asked.question.get("metadataPrefix"))
    state = _found(asked, has_history=form.has_history)
    return Answer(asked.head_at, lambda writer: write_record(writer, state, form, asked.address))


def list_records(asked: Asked) -> Answer:
    """Papers in the order of their latest changes."""
    return _list(asked, is_brief=False)


def list_identifiers(asked: Asked) -> Answer:
    """The same list, headers only."""
    return _list(asked, is_brief=True)


def _list(asked: Asked, is_brief: bool) -> Answer:
    token = asked.question.get("resumptionToken")
    place = read_token(token, asked.question.verb) if token else _first_place(asked)
    at = asked.head_at
    if token:
        at = _bound_time(asked, place)
    form = _format(place.prefix)
    wanted = wanted_of(place.name) if place.name else None
    span = Span(place.after, place.until, place.bound)
    if place.name and wanted is None:
        raise _nothing()
    among = _few_with(asked, wanted, place.bound) if wanted and not wanted.source else None
    rows = places(asked.alias, span, wanted, PAGE + 1, among)
    if not rows:
        raise _nothing()
    shown = rows[:PAGE]
    found = states(
        asked.alias,
        [paper for _, paper in shown],
        is_brief=is_brief,
        has_history=form.has_history and not is_brief,
    )
    rest = None
    if len(rows) > PAGE:
        whole = place.size if token else size(asked.alias, span, wanted, among)
        given = place.given + len(shown)
        rest = replace(place, after=shown[-1][0], given=given, size=UNKNOWN if whole is None else whole)

    def write(writer: Writer) -> None:
        for _, paper in shown:
            if is_brief:
                write_header(writer, found[paper])
            else:
                write_record(writer, found[paper], form, asked.address)
        _write_token(writer, place.given, rest, (rest or place).size)

    return Answer(at, write)


def _nothing() -> Refusal:
    return Refusal("noRecordsMatch", "no paper's latest change is among those asked for")


def _few_with(asked: Asked, wanted: Wanted, bound: int) -> list[int] | None:
    """The papers among which all with the topics of a set are, if they are few and the live index knows them."""
    asked.library.catch_up(FOLLOW_SECONDS)
    return few_with(asked.library.follower.index, wanted, bound)


def _first_place(asked: Asked) -> Place:
    """Where a new list begins: dates become numbers of changes. Two queries at most. Raises Refusal."""
    question = asked.question
    _format(question.get("metadataPrefix"))
    start, end = read_dates(question)
    return Place(
        verb=question.verb,
        prefix=question.get("metadataPrefix"),
        name=question.get("set"),
        given=0,
        after=last_before(asked.alias, start) if start else 0,
        until=min(last_before(asked.alias, end), asked.head) if end else asked.head,
        bound=asked.head,
    )


def _bound_time(asked: Asked, place: Place) -> datetime:
    """When the change was as of which a list holds. Raises Refusal where the journal has no such change."""
    at = time_of(asked.alias, place.bound) if place.bound <= asked.head else None
    if at is None or place.prefix not in FORMATS:
        raise Refusal("badResumptionToken", "this token is of another journal; begin the list again")
    return at


def list_sets(asked: Asked) -> Answer:
    """Sources and archives, then topics in the order of their keys."""
    token = asked.question.get("resumptionToken")
    place = read_token(token, asked.question.verb) if token else Place("ListSets", "", "", 0)
    vocabulary = asked.library.vocabulary
    if asked.head - vocabulary.position > _READ_AT_ONCE:
        vocabulary.follow(asked.head)
        raise NotReady
    vocabulary.read(asked.head)
    first = []
    if not token:
        first = [(set_of_source(name), f"From {name}") for name in islice(sources(asked.alias), PAGE)]
        first += present_archives(vocabulary)
    topics = vocabulary.topics_after(place.name, PAGE + 1)
    shown = [(set_of_topic(topic), topic) for _, topic in topics[:PAGE] if topic not in ARCHIVES]
    if not first and not shown:
        raise Refusal("noSetHierarchy", "there are no papers here yet, and so no sets")
    given = place.given + len(first) + len(shown)
    rest = replace(place, name=topics[PAGE - 1][0], given=given) if len(topics) > PAGE else None

    def write(writer: Writer) -> None:
        for spec, name in (*first, *shown):
            with writer.within("set"):
                writer.write("setSpec", spec)
                writer.write("setName", name)
        _write_token(writer, place.given, rest)

    return Answer(asked.head_at, write)


def _write_token(writer: Writer, given: int, rest: Place | None, whole: int = UNKNOWN) -> None:
    """Write where the list goes on and how long it is, if known; a list of several pages ends with an empty token."""
    if rest or given:
        told = {} if whole == UNKNOWN else {"completeListSize": str(whole)}
        writer.write("resumptionToken", write_token(rest) if rest else "", told | {"cursor": str(given)})


def _format(prefix: str) -> Format:
    if prefix not in FORMATS:
        raise Refusal("cannotDisseminateFormat", f"the formats here are {', '.join(FORMATS)}")
    return FORMATS[prefix]


def _found(asked: Asked, has_history: bool = False) -> State:
    state = find_named(asked.alias, asked.question.get("identifier"), has_history=has_history)
    if state is None:
        raise Refusal("idDoesNotExist", f"papers here are named as oai:{repository()}:2104.12255, and none is so")
    return state


VERBS: Mapping[str, Callable[[Asked], Answer]] = {
    "GetRecord": get_record,
    "Identify": identify,
    "ListIdentifiers": list_identifiers,
    "ListMetadataFormats": list_formats,
    "ListRecords": list_records,
    "ListSets": list_sets,
}
