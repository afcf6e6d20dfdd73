"""Where do papers come from? Formats, protocols and files into pages of records; one guarded way to the network."""

from broadsheet.sources.acl_anthology import AclAnthology, parse_acl_anthology
from broadsheet.sources.arxiv_atom import ArxivApi, parse_atom
from broadsheet.sources.arxiv_oai import ArxivOai, parse_oai
from broadsheet.sources.bibtex import parse_bibtex
from broadsheet.sources.bibtex_written import to_bibtex
from broadsheet.sources.citation_key import citation_key, tell_apart
from broadsheet.sources.crossref_works import CrossrefWorks, parse_crossref_works
from broadsheet.sources.csl import to_csl
from broadsheet.sources.daily_papers_page import parse_daily_papers_page
from broadsheet.sources.datacite_dois import DataciteDois, parse_datacite_dois
from broadsheet.sources.errors import CannotLookUp, FetchError, HostError, NotFoundAtSource, OaiError, SourceError
from broadsheet.sources.files import FORMATS, check_collection, open_file
from broadsheet.sources.github import repository, stars
from broadsheet.sources.journal_feed import JournalFeed, feed_name, parse_feed
from broadsheet.sources.json_record import read_json_record, record_to_json
from broadsheet.sources.jsonl import JsonLines
from broadsheet.sources.lookup import Places, look_up, read_name
from broadsheet.sources.markdown_written import to_markdown
from broadsheet.sources.openalex import OpenAlex, parse_openalex
from broadsheet.sources.pdf_folder import PdfFolder
from broadsheet.sources.politeness import Politeness
from broadsheet.sources.pubmed import parse_pubmed
from broadsheet.sources.pubmed_history import PubMed
from broadsheet.sources.resourcesync import ResourceSync
from broadsheet.sources.resourcesync_places import Reach
from broadsheet.sources.ris import parse_ris
from broadsheet.sources.ris_written import to_ris
from broadsheet.sources.semantic_scholar import SemanticScholar, parse_semantic_scholar
from broadsheet.sources.source import Fault, Page, Source
from broadsheet.sources.transport import Response, Transport
from broadsheet.sources.unpaywall import Unpaywall, parse_unpaywall
from broadsheet.sources.xml import parse_xml

__all__ = [
    "FORMATS",
    "AclAnthology",
    "ArxivApi",
    "ArxivOai",
    "CannotLookUp",
    "CrossrefWorks",
    "DataciteDois",
    "Fault",
    "FetchError",
    "HostError",
    "JournalFeed",
    "JsonLines",
    "NotFoundAtSource",
    "OaiError",
    "OpenAlex",
    "Page",
    "PdfFolder",
    "Places",
    "Politeness",
    "PubMed",
    "Reach",
    "ResourceSync",
    "Response",
    "SemanticScholar",
    "Source",
    "SourceError",
    "Transport",
    "Unpaywall",
    "check_collection",
    "citation_key",
    "feed_name",
    "look_up",
    "open_file",
    "parse_acl_anthology",
    "parse_atom",
    "parse_bibtex",
    "parse_crossref_works",
    "parse_daily_papers_page",
    "parse_datacite_dois",
    "parse_feed",
    "parse_oai",
    "parse_openalex",
    "parse_pubmed",
    "parse_ris",
    "parse_semantic_scholar",
    "parse_unpaywall",
    "parse_xml",
    "read_json_record",
    "read_name",
    "record_to_json",
    "repository",
    "stars",
    "tell_apart",
    "to_bibtex",
    "to_csl",
    "to_markdown",
    "to_ris",
]
