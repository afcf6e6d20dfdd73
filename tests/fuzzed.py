"""Every parser of payloads, with small payloads of our own and where real ones lie; for tests."""

# ruff: noqa: E501 (payloads as they come)

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from broadsheet.sources import (
    Page,
    parse_acl_anthology,
    parse_atom,
    parse_bibtex,
    parse_crossref_works,
    parse_daily_papers_page,
    parse_datacite_dois,
    parse_feed,
    parse_oai,
    parse_openalex,
    parse_pubmed,
    parse_ris,
    parse_semantic_scholar,
    parse_unpaywall,
    stars,
)
from broadsheet.sources.acl_anthology import parse_listing
from broadsheet.sources.asking import reason_in
from broadsheet.sources.crossref import parse_work
from broadsheet.sources.csl_read import parse_csl
from broadsheet.sources.datacite import parse_doi
from broadsheet.sources.payload import decode
from broadsheet.sources.pubmed_history import parse_search
from broadsheet.sources.transport import Response


def page_of(page: Page) -> list[object]:
    return [*page.records, *page.faults]


def text(payload: bytes) -> str:
    return decode(payload, "x")


class Answering:
    """Stands for the transport: it has one answer."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def get(self, url: str, **_: object) -> Response:
        return Response(url, 200, self.body)


def count_stars(payload: bytes) -> list[object]:
    assert 0 <= stars(Answering(payload), "a/b") < 1 << 31
    return []


def find_search(payload: bytes) -> list[object]:
    assert parse_search(payload, "x").count >= 0
    return []


def find_names(payload: bytes) -> list[object]:
    assert all(name.isascii() for name in parse_listing(payload, "x"))
    return []


def find_reason(payload: bytes) -> list[object]:
    reason_in(payload).encode()
    return []


@dataclass(frozen=True)
class Parser:
    """A parser as a function of bytes, payloads of one's own, and where real ones lie."""

    parse: Callable[[bytes], Iterable[object]]
    own: tuple[bytes, ...]
    real: tuple[str, ...] = ()


ARXIV = b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-20T22:10:00Z</responseDate>
<ListRecords><record><header><identifier>oai:arXiv.org:2401.00001</identifier><datestamp>2024-01-02</datestamp></header>
<metadata><arXiv><id>2401.00001</id><created>2024-01-01</created><title>A $x^2$ title</title><abstract>Text.</abstract>
<authors><author><keyname>One</keyname><forenames>Ann</forenames></author></authors></arXiv></metadata></record>
<resumptionToken completeListSize="7">t|1</resumptionToken></ListRecords></OAI-PMH>"""
RAW = b"""<record><header><identifier>oai:arXiv.org:0804.2273</identifier><datestamp>2020-01-01</datestamp></header>
<metadata><arXivRaw><id>0804.2273</id><version version="v1"><date>Mon, 14 Apr 2008 20:15:28 GMT</date></version>
<title>T</title><authors>A. One (1), B. Two (2) ((1) Rome, (2) Oslo)</authors><doi>10.1000/x</doi></arXivRaw></metadata></record>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Q</title><totalResults>1</totalResults><startIndex>0</startIndex>
<entry><id>http://arxiv.org/abs/2401.00001v2</id><title>T</title><summary>S</summary><published>2024-01-01T00:00:00Z</published>
<updated>2024-01-02T00:00:00Z</updated><author><name>A One</name></author><link href="https://a.example/1"/>
<category term="cs.LG"/><doi>10.1000/x</doi></entry></feed>"""
RSS = b"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<channel><title>Journal</title><item><title>A &lt;i&gt;title&lt;/i&gt;</title><link>https://www.nature.com/articles/s1</link>
<description>&lt;p&gt;Text&lt;/p&gt;</description><dc:creator>A. One, B. Two</dc:creator><prism:doi>10.1038/s1</prism:doi>
<pubDate>Thu, 18 Sep 2025 00:00:00 -0400</pubDate><category>Physics</category><guid isPermaLink="false">oai:x</guid></item></channel></rss>"""
ACL = b"""<collection id="2024.acl"><volume id="long" ingest-date="2024-08-01"><meta><booktitle>ACL</booktitle>
<month>August 11-16</month><year>2024</year><venue>acl</venue></meta><paper id="1"><title>A <fixed-case>T</fixed-case></title>
<author><first>A</first><last>One</last><affiliation>Rome</affiliation></author><abstract>Text</abstract>
<url>2024.acl-long.1</url><doi>10.18653/v1/2024.acl-long.1</doi></paper><paper id="2"><title>B</title><retracted date="2025-01-01">no</retracted></paper></volume></collection>"""
PUBMED = b"""<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://dtd.nlm.nih.gov/x.dtd"><PubmedArticleSet><PubmedArticle>
<MedlineCitation><PMID>7</PMID><DateRevised><Year>2025</Year><Month>05</Month><Day>30</Day></DateRevised><Article><Journal>
<JournalIssue><PubDate><MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate></JournalIssue><Title>J</Title></Journal>
<ArticleTitle>[T].</ArticleTitle><ELocationID EIdType="doi">10.1000/x</ELocationID><Abstract><AbstractText Label="AIM">Text</AbstractText></Abstract>
<AuthorList><Author><LastName>One</LastName><ForeName>Ann</ForeName><AffiliationInfo><Affiliation>Rome</Affiliation></AffiliationInfo></Author></AuthorList>
</Article><MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="Y">M</DescriptorName></MeshHeading></MeshHeadingList></MedlineCitation></PubmedArticle>
<DeleteCitation><PMID>8</PMID></DeleteCitation></PubmedArticleSet>"""
WORK = {"DOI": "10.1000/1", "title": ["A <i>title</i>"], "subtitle": ["More"], "abstract": "<jats:p>Text</jats:p>", "author": [
    {"given": "Ann", "family": "One", "suffix": "Jr", "ORCID": "http://orcid.org/0000-0002-4869-9338", "affiliation": [{"name": "Rome"}]}],
    "published": {"date-parts": [[2026, 11]]}, "created": {"date-parts": [[2026, 11, 2]]}, "container-title": ["J"], "language": "en",
    "institution": [{"name": "I"}], "link": [{"URL": "https://a.example/1.pdf", "content-type": "application/pdf"}], "subject": ["x"],
    "updated-by": [{"type": "correction"}]}  # fmt: skip
DATACITE = {"attributes": {"doi": "10.48550/arxiv.2401.00001", "titles": [{"title": "T"}], "descriptions": [
    {"description": "Text", "descriptionType": "Abstract"}], "creators": [{"name": "One, Ann", "givenName": "Ann", "familyName": "One",
    "affiliation": ["Rome", {"name": "Oslo"}], "nameIdentifiers": [{"nameIdentifier": "https://orcid.org/0000-0002-4869-9338"}]}],
    "subjects": [{"subject": "x"}], "dates": [{"date": "2024-01", "dateType": "Submitted"}], "registered": "2024-01-05T00:00:00Z",
    "publicationYear": 2024, "container": {"title": "C"}, "publisher": {"name": "P"}, "language": "en"}}  # fmt: skip
OPENALEX = {"id": "https://openalex.org/W7", "doi": "https://doi.org/10.1000/x", "title": "T", "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/7"},
    "abstract_inverted_index": {"We": [0], "find": [1, 3], "and": [2]}, "authorships": [{"raw_author_name": "Ann One", "author": {
    "display_name": "A One", "orcid": "https://orcid.org/0000-0002-4869-9338"}, "raw_affiliation_strings": ["Rome"], "institutions": [{"display_name": "R"}]}],
    "topics": [{"display_name": "x"}], "publication_date": "2026-11-01", "primary_location": {"source": {"display_name": "J"}, "pdf_url": "https://a.example/1"},
    "locations": [{"landing_page_url": "http://arxiv.org/abs/2401.00001"}], "best_oa_location": None, "is_retracted": False, "language": "en"}  # fmt: skip
SCHOLAR = {"paperId": "0018ce3db8f9957b520d6b7e0cec84abfa230e1c", "corpusId": 7, "externalIds": {"ArXiv": "2401.00001", "DOI": "10.1000/x",
    "PubMed": "7", "CorpusId": 7}, "title": "T", "abstract": "Text", "authors": [{"name": "Ann One"}], "venue": "V", "year": 2024,
    "publicationDate": "2024-01-02", "fieldsOfStudy": ["Biology"], "s2FieldsOfStudy": [{"category": "Physics"}], "openAccessPdf": {"url": "https://a.example/1"}}  # fmt: skip
LINES = json.dumps({"id": "2401.00001", "title": "T", "abstract": "Text", "authors": ["Ann One", {"name": "Two, Bob"}], "categories": "cs.LG cs.IR",
    "published": "2024-01-02", "doi": "10.1000/x", "url": "https://a.example", "year": 2024}).encode()  # fmt: skip
BIBTEX = rb"""@string{j = "Journal"} @article{a, title = {A {T}itle with \"o and $x$}, author = "One, Ann and Bob Two", journal = j # " X",
 year = 2024, month = jan, doi = {10.1000/x}, eprint = {2401.00001}, archivePrefix = {arXiv}, keywords = "a, b"}
@comment{x} @inproceedings(b, crossref = {a}, title = "B")"""
RIS = (
    b"TY  - JOUR\r\nAU  - One, Ann\r\nAU  - Two, Bob\r\nTI  - A title\r\nPY  - 2005/07/21\r\nKW  - x\r\nUR  - http://a/;b\r\n"
    b"AB  - Text\r\n goes on\r\nDO  - 10.1000/x\r\nER  - \r\n\r\nTY  - BOOK\r\nT1  - Another\r\nN1  - y\r\nER  - \r\n"
)
CSL = json.dumps([{"id": "a", "type": "article", "title": "A <i>title</i>", "abstract": "Text", "author": [{"family": "One", "given": "Ann"},
    {"literal": "A Group"}], "issued": {"date-parts": [["2024", 5, 3]]}, "DOI": "10.1000/x", "PMID": 7, "note": "arXiv:2401.00001",
    "URL": "https://a.example", "container-title": "J", "language": "en"}]).encode()  # fmt: skip
DAILY = (
    b"Daily Papers\n\nA title of a paper\n\nWe show that this is an abstract. It goes on for a while, as abstracts do.\n\n12\n"
    * 4
)
UNPAYWALL = json.dumps({"doi": "10.1000/x", "title": "T", "is_oa": True, "published_date": "2024-01-02", "journal_name": "J",
    "best_oa_location": {"url_for_pdf": None, "url": "https://a.example"}, "oa_locations": [{"url_for_pdf": "https://a.example/1"}]}).encode()  # fmt: skip
SEARCH = json.dumps(
    {"header": {}, "esearchresult": {"count": "12", "querykey": "1", "webenv": "MCID_6a", "idlist": []}}
).encode()


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()


SAMPLES = "protocol_samples"
PARSERS = {
    "arxiv atom": Parser(lambda payload: page_of(parse_atom(payload, "x")), (ATOM,), (f"{SAMPLES}/arxiv_api/*.xml",)),
    "oai": Parser(lambda payload: page_of(parse_oai(payload, "x")), (ARXIV, RAW), (f"{SAMPLES}/arxiv_oai/*.xml",)),
    "bibtex": Parser(lambda payload: parse_bibtex(text(payload), "c", "x"), (BIBTEX,), (f"{SAMPLES}/bibtex/*.bib",)),
    "csl": Parser(lambda payload: parse_csl(text(payload), "c", "x"), (CSL,)),
    "ris": Parser(lambda payload: parse_ris(text(payload), "c", "x"), (RIS,)),
    "daily papers page": Parser(lambda payload: parse_daily_papers_page(text(payload), "x"), (DAILY,), ("daily_papers_pages/*.txt",)),
    "crossref work": Parser(lambda payload: [parse_work(payload, "x")], (dumped({"message": WORK}),), (f"{SAMPLES}/crossref/*.json",)),
    "crossref works": Parser(lambda payload: page_of(parse_crossref_works(payload, "x")),
        (dumped({"message": {"items": [WORK, WORK], "next-cursor": "b", "total-results": 7}}),), (f"{SAMPLES}/crossref/*.json",)),
    "datacite doi": Parser(lambda payload: [parse_doi(payload, "x")], (dumped({"data": DATACITE}),)),
    "datacite dois": Parser(lambda payload: page_of(parse_datacite_dois(payload, "x")),
        (dumped({"data": [DATACITE], "meta": {"total": 1}, "links": {"next": "https://a.example/?page[cursor]=b"}}),)),
    "openalex": Parser(lambda payload: page_of(parse_openalex(payload, "x")),
        (dumped({"results": [OPENALEX], "meta": {"count": 1, "next_cursor": "b"}}), dumped(OPENALEX)), (f"{SAMPLES}/openalex/*.json",)),
    "semantic scholar": Parser(lambda payload: page_of(parse_semantic_scholar(payload, "x")),
        (dumped({"data": [SCHOLAR], "token": "b", "total": 2}), dumped(SCHOLAR)), (f"{SAMPLES}/semantic_scholar/*.json",)),
    "pubmed": Parser(lambda payload: page_of(parse_pubmed(payload, "x")), (PUBMED, PUBMED[PUBMED.index(b"<PubmedArticleSet") :]), (f"{SAMPLES}/pubmed_efetch/*.xml",)),
    "unpaywall": Parser(lambda payload: filter(None, [parse_unpaywall(payload, "x")]), (UNPAYWALL,), (f"{SAMPLES}/unpaywall/*.json",)),
    "pubmed search": Parser(find_search, (SEARCH,)),
    "acl anthology": Parser(lambda payload: page_of(parse_acl_anthology(payload, "x")), (ACL,)),
    "acl listing": Parser(find_names, (dumped({"tree": [{"path": "2024.acl.xml"}, {"path": "schema.rnc"}]}),)),
    "journal feed": Parser(lambda payload: page_of(parse_feed(payload, "x", "feed-x")), (RSS, ATOM),
        (f"{SAMPLES}/arxiv_rss/*.xml", f"{SAMPLES}/arxiv_api/*.xml")),
    "stars": Parser(count_stars, (dumped({"stargazers_count": 7, "full_name": "a/b"}),)),
    "words of a service": Parser(find_reason, (dumped({"message": [{"value": "x", "message": "No such filter"}]}), dumped({"errors": [{"title": "x"}]}))),
}  # fmt: skip
