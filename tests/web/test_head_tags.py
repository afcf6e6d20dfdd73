"""What the head of a paper's page says to programs, as a parser sees it; hostile text stays text."""

import json
import re
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

CORPUS = json.loads(Path(__file__).with_name("hostile.json").read_text())
NAMES = [f"Author {n}" for n in range(1, 61)]


@pytest.fixture
def paper(library, record):
    library.put(
        [
            record(
                r"Colouring graphs of degree $\Delta$",
                "2611.01234",
                "10.1145/3292500.3330919",
                abstract="It works well. " * 40,
                authors=NAMES,
                topics=("cs.DS", "online algorithms"),
                published=date(2026, 11, 3),
                updated=date(2026, 11, 5),
                venue="Journal of Graphs",
                language="en",
            )
        ]
    )
    return library


@pytest.fixture
def head(client, parsed):
    """The contents of the meta tags of a page by name, and its links by relation."""

    def read(address):
        response = client.get(address)
        assert response.status_code == 200
        metas, links = {}, {}
        for tag, attributes in parsed(response).tags:
            if tag == "meta" and "content" in attributes:
                metas.setdefault(attributes.get("name") or attributes.get("property"), []).append(attributes["content"])
            elif tag == "link":
                links.setdefault(attributes["rel"], []).append(attributes)
        return metas, links

    return read


def linked_data(response):
    """The one block of linked data of a page, as a browser would cut it out."""
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script', response.content.decode(), re.S | re.I)
    return json.loads(block)


def test_reference_managers_find_title_authors_date_names_and_the_text_itself(paper, head):
    metas, _ = head("/papers/2611.01234")
    assert metas["citation_title"] == ["Colouring graphs of degree Δ"]
    assert metas["citation_author"] == NAMES
    assert metas["citation_publication_date"] == ["2026/11/03"]
    assert metas["citation_doi"] == ["10.1145/3292500.3330919"]
    assert metas["citation_arxiv_id"] == ["2611.01234"]
    assert metas["citation_journal_title"] == ["Journal of Graphs"]
    assert metas["citation_pdf_url"] == ["https://arxiv.org/pdf/2611.01234"]
    assert metas["citation_abstract_html_url"] == ["http://localhost/papers/2611.01234"]
    assert metas["citation_keywords"] == ["cs.DS; online algorithms"]


def test_a_meeting_is_a_conference_a_link_to_a_pdf_comes_first_and_what_is_unknown_is_left_out(library, head, record):
    from broadsheet.library.models import Version

    library.put([record("A talk", "2611.00001", venue="Proceedings of NeurIPS 2026"), record("Only a title")])
    pdf = [{"kind": "code", "url": "https://code.example/"}, {"kind": "PDF", "url": "https://p.example/x.pdf"}]
    Version.objects.filter(title="A talk").update(links=pdf)
    metas, _ = head("/papers/2611.00001")
    assert metas["citation_conference_title"] == ["Proceedings of NeurIPS 2026"]
    assert metas["citation_pdf_url"] == ["https://p.example/x.pdf"]
    assert "citation_journal_title" not in metas
    bare, _ = head(f"/papers/{Version.objects.get(title='Only a title').paper.key}")
    assert {name for name in bare if name and name.startswith("citation_")} == {
        "citation_title", "citation_abstract_html_url",
    }  # fmt: skip
    assert bare["og:description"] == ["Only a title"]


def test_a_paper_known_by_its_year_alone_is_not_given_a_day(library, head, record):
    library.put([record("Old", "10.1234/old", published=date(1998, 1, 1))])
    assert head("/papers/10.1234/old")[0]["citation_publication_date"] == ["1998"]


def test_a_shared_link_shows_title_and_the_beginning_of_the_abstract(paper, head, client):
    metas, _ = head("/papers/2611.01234")
    for kind in ("og", "twitter"):
        assert metas[f"{kind}:title"] == ["Colouring graphs of degree Δ"]
        [about] = metas[f"{kind}:description"]
        assert about.startswith("It works well. It works") and about.endswith("…")
        assert len(about) <= 200
        [icon] = metas[f"{kind}:image"]
        with closing(client.get(icon.removeprefix("http://localhost"))) as picture:
            assert picture["Content-Type"] == "image/png"
    assert metas["twitter:card"] == ["summary"]
    assert metas["og:url"] == ["http://localhost/papers/2611.01234"]


def test_the_page_names_its_one_address_and_its_other_forms(paper, head):
    _, links = head("/papers/2611.01234")
    assert [link["href"] for link in links["canonical"]] == ["http://localhost/papers/2611.01234"]
    forms = {link["href"]: link["type"] for link in links["alternate"]}
    assert forms["/papers/2611.01234.bib"] == "application/x-bibtex"
    assert forms["/papers/2611.01234.json"] == "application/vnd.citationstyles.csl+json"
    assert {f"/papers/2611.01234.{ending}" for ending in ("ris", "md")} <= set(forms)


def test_a_site_with_a_name_says_it_whatever_name_it_was_reached_by(paper, head, settings_changed):
    settings_changed(SITE="https://papers.example.org")
    metas, links = head("/papers/2611.01234")
    assert links["canonical"][0]["href"] == metas["og:url"][0] == "https://papers.example.org/papers/2611.01234"


@pytest.fixture
def settings_changed():
    from django.test import override_settings

    changes = []

    def change(**values):
        changes.append(override_settings(**values))
        changes[-1].enable()

    yield change
    for each in reversed(changes):
        each.disable()


def test_linked_data_describes_a_scholarly_article(paper, client):
    told = linked_data(client.get("/papers/2611.01234"))
    assert (told["@context"], told["@type"]) == ("https://schema.org", "ScholarlyArticle")
    assert told["name"] == "Colouring graphs of degree Δ"
    assert told["author"][0] == {"@type": "Person", "name": "Author 1"}
    assert (told["datePublished"], told["dateModified"]) == ("2026-11-03", "2026-11-05")
    assert told["isPartOf"] == {"@type": "Periodical", "name": "Journal of Graphs"}
    assert {"@type": "PropertyValue", "propertyID": "doi", "value": "10.1145/3292500.3330919"} in told["identifier"]
    assert "https://arxiv.org/abs/2611.01234" in told["sameAs"]
    assert len(told["headline"]) <= 110


@pytest.mark.parametrize(
    "text", [*CORPUS, "</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028\u2029", "&lt;/script&gt;"]
)
def test_hostile_text_stays_text_in_tags_and_in_linked_data(library, client, head, record, text):
    library.put(
        [
            record(
                f"{text} title"[:1_990],
                "2611.00001",
                abstract=f"{text} abstract",
                authors=[f"{text[:400]} author"],
                topics=(text[:199],),
                venue=text,
                language=text[:39],
            )
        ]
    )
    response = client.get("/papers/2611.00001")
    told = linked_data(response)
    assert told["name"].endswith("title")
    block = re.search(r'ld\+json">(.*?)</script', response.content.decode(), re.S)[1]
    assert block.isascii() and not set(block) & set("<>&")
    metas, _ = head("/papers/2611.00001")
    assert metas["citation_title"] == [told["name"]]
    for contents in metas.values():
        for content in contents:
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", content)
    assert {"refresh", "http-equiv"} & set(metas) == set()
    for name in ("citation_pdf_url", "citation_abstract_html_url", "og:url", "og:image"):
        assert metas[name][0].startswith("http")


def test_erased_and_withdrawn_papers_have_no_head_tags(paper, client):
    paper.withdraw("2611.01234")
    page = client.get("/papers/2611.01234").content.decode()
    assert "citation_" not in page and "ld+json" not in page and "og:" not in page
