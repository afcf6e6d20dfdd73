"""Hostile text stays text: a parser of the page sees only tags and attributes that the templates wrote."""

import json
from pathlib import Path

import pytest

from broadsheet.library import NotFound
from broadsheet.web.addresses import is_web

CORPUS = json.loads(Path(__file__).with_name("hostile.json").read_text())
TAGS = {
    "a", "article", "aside", "b", "bdi", "body", "button", "caption", "code", "dd", "details", "div", "dl", "dt", "em",
    "footer", "form", "h1", "h2", "head", "header", "html", "input", "kbd", "label", "li", "link", "main", "mark",
    "meta", "nav", "noscript", "ol", "p", "pre", "rect", "script", "section", "small", "span", "summary", "svg",
    "table", "tbody", "td", "tfoot", "th", "thead", "time", "title", "tr", "ul",
}  # fmt: skip
OWN_SCRIPTS = {f"/static/web/{name}.js" for name in ("acts", "deep", "keys", "suggest")}


@pytest.fixture
def hostile(library, record):
    library.put(
        [
            record(
                f"{text} title {n}"[:1_990],
                f"26{n:02}.00001" if 0 < n < 13 else f"notes:{text[:60]}{n}",
                abstract=f"{text} abstract",
                authors=[f"{text} author"[:499], text[:499]],
                topics=(text[:199],),
                comment=text,
                venue=text,
                language=text[:39],
                source="arxiv",
            )
            for n, text in enumerate(CORPUS)
        ]
    )
    from broadsheet.library.models import Version

    links = [
        {"kind": text[:40], "url": url} for text in CORPUS[:3] for url in ("javascript:alert(1)", "https://ok.example/")
    ]
    Version.objects.using(library.alias).update(links=links)
    return library


def assert_clean(page):
    for tag, attributes in page.tags:
        assert tag in TAGS or tag == "math" or tag.startswith("m"), tag
        assert not any(name.startswith("on") or name in ("style", "srcdoc", "formaction") for name in attributes), (
            attributes
        )
        for name in ("href", "src", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith(("/", "?", "#", "https://", "http://localhost/")), value
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert {script["src"] for script in scripts if "src" in script} <= OWN_SCRIPTS
    data = [script for script in scripts if "src" not in script]
    is_paper = any(tag == "h1" for tag, _ in page.tags) and ("article", {"class": "one"}) in page.tags
    assert data == ([{"type": "application/ld+json"}] if is_paper else [])


def test_every_page_of_hostile_papers_is_clean(client, hostile, parsed):
    front = parsed(client.get("/"))
    assert_clean(front)
    papers = sorted({link for link in front.links() if link.startswith("/papers/")})
    assert len(papers) == len(CORPUS)
    for link in papers:
        response = client.get(link)
        assert response.status_code == 200, link
        assert_clean(parsed(response))
    for query in ("title", "abstract", "alert"):
        assert_clean(parsed(client.get("/search", {"q": query})))


def test_what_a_reader_sends_is_clean_too(client, hostile, parsed):
    for text in CORPUS:
        for response in (
            client.get("/search", {"q": text, "at": text, "page": text}),
            client.get("/search", {"q": text}),
            client.get("/date", {"day": text}),
            client.get("/papers/" + text),
            client.get("/date/" + text),
        ):
            assert response.status_code in (200, 400, 404), text
            assert_clean(parsed(response))


def test_a_hostile_source_is_clean_on_the_status_page(client, library, parsed, clock):
    from broadsheet.library.models import HarvestFault, HarvestRun

    for text in CORPUS:
        run = HarvestRun(source=text[:100], request=text, error=text, state="failed", started_at=clock.now)
        run.save(using=library.alias)
        HarvestFault(run=run, place=text, reason=text).save(using=library.alias)
    assert_clean(parsed(client.get("/status")))


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", " https://x.example", "https://a@b.example", "//x.example",
     "data:,x", "https:/x", "https://", "http://[", "ftp://x.example", "https://x.example\\@e", "ht\ntps://x.example",
     "file:///etc"],
)  # fmt: skip
def test_such_an_address_is_never_a_link(url):
    assert not is_web(url)


def test_an_erased_paper_is_found_under_none_of_its_names(client, hostile):
    hostile.erase("2601.00001")
    with pytest.raises(NotFound):
        hostile.find("2601.00001")
    assert client.get("/papers/2601.00001").status_code == 410
