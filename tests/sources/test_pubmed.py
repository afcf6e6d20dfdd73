"""PubMed: real citations into records, and harvests in spans of days against a server of one's own."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from broadsheet.papers import Author
from broadsheet.sources import PubMed, SourceError, parse_pubmed
from broadsheet.sources.pubmed_history import PER_PAGE, parse_search

SAMPLES = "protocol_samples/pubmed_efetch"
UNTIL = date(2026, 11, 21)


def citation(number: int, more: str = "", article: str = "") -> str:
    return (
        f"<PubmedArticle><MedlineCitation><PMID Version='1'>{number}</PMID><Article><ArticleTitle>Paper {number}"
        f"</ArticleTitle>{article}</Article>{more}</MedlineCitation></PubmedArticle>"
    )


def answer(*citations: str) -> bytes:
    return f"<PubmedArticleSet>{''.join(citations)}</PubmedArticleSet>".encode()


def only(*citations: str):
    (found,) = parse_pubmed(answer(*citations), "x").records
    return found


def question(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def real(shared_data, number: int):
    (found,) = parse_pubmed((shared_data / SAMPLES / f"{number}.xml").read_bytes(), "x").records
    return found


def test_every_real_citation_is_read(shared_data):
    paths = sorted((shared_data / SAMPLES).glob("*.xml"))
    assert len(paths) == 60
    for path in paths:
        page = parse_pubmed(path.read_bytes(), path.name)
        assert (len(page.records), page.faults) == (1, ()), path.name
        assert f"pubmed:{path.stem}" in [str(name) for name in page.records[0].identifiers]
        assert page.records[0].version.published


def test_a_structured_abstract_keeps_its_headings(shared_data):
    found = real(shared_data, 23435529)
    assert [str(name) for name in found.identifiers] == ["pubmed:23435529", "doi:10.1007/s10815-013-9951-y"]
    version = found.version
    assert version.abstract.startswith("PURPOSE: An observational clinical and molecular study was designed")
    assert " METHODS: In the study were included 53 men" in version.abstract
    assert version.authors[0].name == "Giovanni Ruvolo"
    assert version.authors[0].affiliation.startswith("Centro di Biologia della Riproduzione")
    assert version.venue == "Journal of assisted reproduction and genetics"
    assert version.language == "eng"
    assert version.updated == date(2021, 10, 21)


def test_a_chapter_of_a_book_is_read(shared_data):
    version = real(shared_data, 20301546).version
    assert version.venue == "GeneReviews®"
    assert version.title
    assert version.authors


def test_a_title_that_was_translated_loses_its_brackets(shared_data):
    assert real(shared_data, 30776274).version.title == "Autism. Genetic and biological aspects"


def test_main_subjects_come_first_and_keywords_stand_in():
    headings = "".join(
        f"<MeshHeading><DescriptorName MajorTopicYN='{major}'>{name}</DescriptorName></MeshHeading>"
        for name, major in (("Humans", "N"), ("Sepsis", "Y"))
    )
    assert only(citation(1, f"<MeshHeadingList>{headings}</MeshHeadingList>")).version.topics == ("Sepsis", "Humans")
    words = "<KeywordList><Keyword>fever</Keyword></KeywordList>"
    assert only(citation(1, words)).version.topics == ("fever",)


def test_retracted_and_deleted_citations_are_withdrawn_and_the_notice_stands():
    kind = "<PublicationTypeList><PublicationType UI='{}'>x</PublicationType></PublicationTypeList>"
    note = "<CommentsCorrectionsList><CommentsCorrections RefType='{}'/></CommentsCorrectionsList>"
    page = parse_pubmed(
        answer(
            citation(1, article=kind.format("D016441")),
            citation(2, note.format("RetractionIn")),
            citation(3, note.format("RetractionOf"), kind.format("D016440")),
            "<DeleteCitation><PMID>4</PMID><PMID>5</PMID></DeleteCitation>",
        ),
        "x",
    )
    assert [record.is_withdrawn for record in page.records] == [True, True, False, True, True]
    assert str(page.records[-1].identifiers[0]) == "pubmed:5"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("<Year>1998</Year><Month>Dec</Month><Day>7</Day>", date(1998, 12, 7)),
        ("<Year>1998</Year><Month>03</Month>", date(1998, 3, 1)),
        ("<Year>1998</Year>", date(1998, 1, 1)),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", date(1998, 1, 1)),
        ("<Year>1998</Year><Season>Summer</Season>", date(1998, 1, 1)),
        ("", None),
    ],
)
def test_days_are_read_in_all_their_forms(written, day):
    journal = f"<Journal><JournalIssue><PubDate>{written}</PubDate></JournalIssue></Journal>"
    assert only(citation(1, article=journal)).version.published == day


def test_names_of_groups_suffixes_and_withdrawn_authors():
    people = (
        "<Author><LastName>One</LastName><ForeName>Ann</ForeName><Suffix>Jr</Suffix></Author>"
        "<Author ValidYN='N'><LastName>Wrong</LastName></Author>"
        "<Author><CollectiveName>A Group</CollectiveName></Author>"
    )
    found = only(citation(1, article=f"<AuthorList>{people}</AuthorList>"))
    assert found.version.authors == (Author("Ann One, Jr"), Author("A Group"))


def test_what_cannot_be_used_is_a_fault_beside_the_good_ones():
    broken = [citation(2).replace("Paper 2", ""), citation(3).replace("3</PMID>", "x</PMID>"), "<odd/>"]
    page = parse_pubmed(answer(citation(1), *broken, citation(4)), "x")
    assert [record.version.title for record in page.records] == ["Paper 1", "Paper 4"]
    assert [fault.reason for fault in page.faults] == [
        "the record has no title", "the citation has no PubMed number", "<odd> is not a citation",
    ]  # fmt: skip


def test_the_document_type_that_pubmed_names_is_left_out_and_any_other_refused():
    typed = (
        b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://outside.example/x.dtd">\n'
    )
    assert len(parse_pubmed(typed + answer(citation(1)), "x").records) == 1
    for refused in (typed.replace(b'dtd">', b'dtd" [<!ENTITY x "y">]>'), b"<!DOCTYPE a SYSTEM 'x'>", typed + typed):
        with pytest.raises(SourceError, match=r"document type|well-formed"):
            parse_pubmed(refused + answer(citation(1)), "x")
    with pytest.raises(SourceError, match="declares the encoding 'latin-1'"):
        parse_pubmed(typed.replace(b'"1.0" ?', b'"1.0" encoding="latin-1"?') + answer(citation(1)), "x")


def found(count: int, session: str = "MCID_1") -> bytes:
    return json.dumps({"esearchresult": {"count": str(count), "querykey": "1", "webenv": session}}).encode()


class Library:
    """Plays NCBI: so many citations changed on each day; its sessions are named after their days."""

    def __init__(self, by_day: dict[date, int]) -> None:
        self.by_day = by_day
        self.searches: list[dict[str, str]] = []
        self.forgotten: set[str] = set()

    def __call__(self, path: str, _headers: dict[str, str]):
        asked = question(path)
        if path.startswith("/esearch.fcgi"):
            self.searches.append(asked)
            first, last = (date.fromisoformat(asked[name].replace("/", "-")) for name in ("mindate", "maxdate"))
            return 200, {}, found(len(self._numbers(first, last)), f"S_{first}_{last}")
        if asked["WebEnv"] in self.forgotten:
            self.forgotten.clear()
            return 400, {}, b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>"
        first, last = (date.fromisoformat(day) for day in asked["WebEnv"].removeprefix("S_").split("_"))
        start = int(asked["retstart"])
        numbers = self._numbers(first, last)[start : start + int(asked["retmax"])]
        return 200, {}, answer(*(citation(number) for number in numbers))

    def _numbers(self, first: date, last: date) -> list[int]:
        days = [day for day in sorted(self.by_day) if first <= day <= last]
        return [day.day * 100_000 + number + 1 for day in days for number in range(self.by_day[day])]


def test_a_harvest_asks_once_and_brings_the_list_part_by_part(serve, transport_to):
    ncbi = Library({date(2026, 11, 3): PER_PAGE + 1})
    server = serve(ncbi)
    transport = transport_to(server, contact="papers@example.org")
    source = PubMed(transport, UNTIL, "sepsis[mesh]", date(2026, 11, 1), "k3y", endpoint=server.url)
    pages = list(source.harvest())
    assert [len(page.records) for page in pages] == [PER_PAGE, 1]
    assert pages[0].total == PER_PAGE + 1
    assert ncbi.searches == [
        {
            "db": "pubmed", "term": "sepsis[mesh]", "datetype": "mdat", "mindate": "2026/11/01",
            "maxdate": "2026/11/21", "usehistory": "y", "retmax": "0", "retmode": "json", "tool": "broadsheet",
            "email": "papers@example.org", "api_key": "k3y",
        }
    ]  # fmt: skip
    assert list(source.harvest()) == pages
    assert list(source.harvest(pages[0].cursor)) == pages[1:]


def test_a_list_that_is_too_long_is_brought_in_spans_of_days(serve, transport_to, monkeypatch):
    monkeypatch.setattr("broadsheet.sources.pubmed_history.MOST_FOUND", 300)
    days = {date(2026, 11, day): 100 for day in range(1, 16)}
    server = serve(Library(days))
    pages = list(PubMed(transport_to(server), UNTIL, since=date(2026, 11, 1), endpoint=server.url).harvest())
    numbers = [record.identifiers[0].value for page in pages for record in page.records]
    assert len(numbers) == len(set(numbers)) == 1_500
    assert (pages[0].total, pages[-1].done) == (1_500, 1_500)
    cut = pages[len(pages) // 2]
    rest = list(PubMed(transport_to(server), UNTIL, since=date(2026, 11, 1), endpoint=server.url).harvest(cut.cursor))
    assert rest == pages[len(pages) // 2 + 1 :]


def test_more_than_pubmed_hands_out_on_one_day_is_said(serve, transport_to, monkeypatch):
    monkeypatch.setattr("broadsheet.sources.pubmed_history.MOST_FOUND", 300)
    server = serve(Library({date(2026, 11, 3): 301}))
    with pytest.raises(SourceError, match="found 301 citations that changed on 2026-11-03, more than the 300"):
        list(PubMed(transport_to(server), UNTIL, since=date(2026, 11, 1), endpoint=server.url).harvest())


def test_a_search_that_pubmed_forgot_begins_the_run_again(serve, transport_to):
    ncbi = Library({date(2026, 11, 3): PER_PAGE + 1})
    server = serve(ncbi)
    source = PubMed(transport_to(server), UNTIL, since=date(2026, 11, 1), endpoint=server.url)
    first = next(source.harvest())
    ncbi.forgotten = {"S_2026-11-01_2026-11-21"}
    pages = list(source.harvest(first.cursor))
    assert sum(len(page.records) for page in pages) == PER_PAGE + 1
    assert "began again" in pages[0].faults[0].reason


def test_an_answer_without_citations_is_the_words_of_pubmed():
    with pytest.raises(SourceError, match="did not answer with citations: 'Unable to obtain query #1'"):
        parse_pubmed(b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>", "x")


def test_nothing_found_is_an_empty_page(serve, transport_to):
    server = serve(Library({}))
    (page,) = PubMed(transport_to(server), UNTIL, "x", endpoint=server.url).harvest()
    assert (page.records, page.total, page.cursor) == ((), 0, None)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{}",
        b'{"esearchresult": {"count": "7"}}',
        found(7, "a b"),
        found(7, "../x"),
        b'{"error": "API rate"}',
    ],
)
def test_what_is_no_search_is_refused(payload):
    with pytest.raises(SourceError):
        parse_search(payload, "https://ncbi.example")


def test_all_of_pubmed_and_days_in_the_wrong_order_are_not_asked_for(transport_to):
    with pytest.raises(SourceError, match="needs a query"):
        PubMed(transport_to(), UNTIL)
    with pytest.raises(SourceError, match="later than"):
        PubMed(transport_to(), UNTIL, since=date(2026, 12, 1))
    for cursor in ("1 x", "1 2026-13-01/2026-11-01/1/1/1/S"):
        with pytest.raises(SourceError, match="not a place in a list of PubMed"):
            list(PubMed(transport_to(), UNTIL, "x").harvest(cursor))
