"""What programs ask for first: robots.txt, sitemaps without an end of queries, and how the site is searched."""

import json
import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from broadsheet.web import crawlers

CORPUS = json.loads(Path(__file__).with_name("hostile.json").read_text())
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def locations(response):
    assert response.status_code == 200
    return [node.text for node in ET.fromstring(response.content).iter(f"{SITEMAP}loc")]


@pytest.fixture
def crawl(client):
    """Follow the sitemap to all pages that it names."""

    def follow():
        parts = locations(client.get("/sitemap.xml"))
        return [page for part in parts for page in locations(client.get(urlsplit(part).path))]

    return follow


def test_the_sitemap_names_every_paper_that_stands_and_every_page_of_it_is_there(library, record, client, crawl):
    library.put([record(f"Paging {n}", f"2611.{n:05}") for n in range(1, 8)] + [record("A ü & <b>", "notes:a<b>&c")])
    library.withdraw("2611.00002")
    library.erase("2611.00003")
    pages = crawl()
    keys = {page.rpartition("/papers/")[2] for page in pages if "/papers/" in page}
    assert keys == {"2611.00001", *(f"2611.{n:05}" for n in range(4, 8)), "notes:a%3Cb%3E&c"}
    for page in pages:
        assert client.get(urlsplit(page).path).status_code == 200


def test_a_retired_address_is_not_in_it_and_one_that_came_back_is(library, record, crawl):
    library.put(
        [record("Kept", "2611.00001"), record("Other", "10.1145/7", source="acm"), record("Gone", "2611.00002")]
    )
    library.merge("2611.00001", "10.1145/7")
    library.withdraw("2611.00002")
    assert crawl()[3:] == ["http://localhost/papers/2611.00001"]
    library.split("2611.00001", ["10.1145/7"])
    assert crawl()[3:] == ["http://localhost/papers/2611.00001", "http://localhost/papers/10.1145/7"]


def test_papers_of_a_day_to_come_are_not_in_it(library, record, crawl):
    library.put([record("Paging", "2611.00001", announced=library.today() + timedelta(days=3))])
    assert not [page for page in crawl() if "/papers/" in page]


def test_parts_hold_a_bounded_number_of_papers_and_cost_as_many_queries(library, record, client, crawl, monkeypatch):
    monkeypatch.setattr(crawlers, "PART", 3)
    library.put([record(f"Paging {n}", f"2611.{n:05}") for n in range(1, 11)])
    parts = locations(client.get("/sitemap.xml"))
    assert len(parts) == 5
    assert len([page for page in crawl() if "/papers/" in page]) == 10
    for part in parts:
        with CaptureQueriesContext(connection) as queries:
            assert len(locations(client.get(urlsplit(part).path))) <= 3
        assert len(queries) <= 3


@pytest.mark.parametrize("path", ["/sitemap/99999999.xml", "/sitemap/999999999999999999999999.xml", "/sitemap/x.xml"])
def test_a_part_that_is_not_there_is_not_found(library, client, path):
    assert client.get(path).status_code == 404


def test_the_time_of_a_paper_is_that_of_its_last_change(library, record, client, clock):
    library.put([record("Paging", "2611.00001")])
    [time] = [node.text for node in ET.fromstring(client.get("/sitemap/1.xml").content).iter(f"{SITEMAP}lastmod")]
    assert time == f"{clock():%Y-%m-%dT%H:%M:%SZ}"


def test_robots_may_read_papers_and_no_searches(client, library):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /search" in lines and "Disallow: /api/" in lines
    assert lines[-1].startswith("Sitemap: http") and lines[-1].endswith("/sitemap.xml")


def test_the_search_description_leads_to_results_feeds_and_suggestions(library, record, client):
    library.put([record("Paging with predictions", "2611.00001")])
    page = client.get("/")
    assert b'rel="search" type="application/opensearchdescription+xml"' in page.content
    described = ET.fromstring(client.get("/opensearch.xml").content)
    found = {}
    for url in described.iter(f"{SEARCH}Url"):
        template = url.get("template").replace("{searchTerms}", quote_plus("paging")).replace("{startPage?}", "1")
        parts = urlsplit(template)
        found[url.get("type")] = client.get(f"{parts.path}?{parts.query}")
    assert all(answer.status_code == 200 for answer in found.values())
    assert b"2611.00001" in found["text/html"].content
    assert b"Paging with predictions" in found["application/atom+xml"].content
    assert found["application/x-suggestions+json"].json()[1] == ["Paging with predictions"]
    assert described.find(f"{SEARCH}ShortName").text == "Broadsheet"


def test_hostile_hosts_and_keys_leave_xml_that_parses(library, record, client):
    library.put([record(f"{text} {n}", f"notes:{n}{text}"[:200]) for n, text in enumerate(CORPUS)])
    assert len(locations(client.get("/sitemap/1.xml"))) == len(CORPUS)
