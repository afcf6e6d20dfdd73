"""Collections on their pages: saving, sharing, ordering, annotating, exporting; who sees which."""

import json

import pytest

from broadsheet.community.models import Clipping, Collection
from broadsheet.library.models import Paper

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def papers(library, record) -> list[Paper]:
    library.put([record(f"Paging, part {n}", f"2611.{n:05}", authors=["Ann Lee"], published=None) for n in range(1, 5)])
    return list(Paper.objects.order_by("pk"))


@pytest.fixture
def ann(signed_in):
    return signed_in("ann")


def make(client, title="Mine", **fields) -> Collection:
    answer = client.post("/collections/new", {"title": title, "visibility": "private", **fields})
    assert answer.status_code == 302, answer.content.decode()
    return Collection.objects.get(slug=answer["Location"].removeprefix("/collections/"))


def fill(client, collection, papers):
    for paper in papers:
        client.post(f"/papers/{paper.key}/collections", {"offered": collection.slug, "in": collection.slug})


def order(collection) -> list[str]:
    return list(Clipping.objects.filter(collection=collection).order_by("place").values_list("paper__key", flat=True))


def test_the_save_button_saves_and_takes_back_with_and_without_scripts(ann, papers, parsed):
    key = papers[0].key
    assert ann.post(f"/papers/{key}/save", {"save": "1"}, **JSON).json() == {"saves": 1, "saved": True}
    for address in ("/", f"/papers/{key}"):
        pressed = [each for tag, each in parsed(ann.get(address)).tags if "data-savebutton" in each]
        assert "true" in [each["aria-pressed"] for each in pressed]
    answer = ann.post(f"/papers/{key}/save", {"save": "0", "next": "/?page=1#p1"})
    assert answer["Location"] == "/?page=1#p1"
    assert (Paper.objects.get(key=key).saves, Clipping.objects.count()) == (0, 0)


def test_saving_is_for_readers_and_for_papers_that_are_here(ann, client, library, papers, parsed):
    assert client.post(f"/papers/{papers[0].key}/save", **JSON).status_code == 401
    assert client.post(f"/papers/{papers[0].key}/save")["Location"].startswith("/accounts/login/")
    assert ann.get(f"/papers/{papers[0].key}/save").status_code == 405
    assert ann.post("/papers/2611.40400/save").status_code == 404
    library.withdraw(papers[1].key)
    assert ann.post(f"/papers/{papers[1].key}/save", **JSON).status_code == 404
    assert (
        ann.post(f"/papers/{papers[0].key}/save", {"next": "//evil.example"})["Location"] == f"/papers/{papers[0].key}"
    )
    saves = [each for tag, each in parsed(client.get("/")).tags if "data-savebutton" in each]
    assert all(each["href"].startswith("/accounts/login/?next=") for each in saves)


def test_forms_from_elsewhere_change_nothing(ann, signed_in, reader, papers):
    mine = make(ann)
    fill(ann, mine, papers[:2])
    outside = signed_in(mine.reader, checks=True)
    paper = papers[0].pk
    for address, fields in (
        (f"/papers/{papers[2].key}/save", {}),
        (f"/papers/{papers[2].key}/collections", {"offered": mine.slug, "in": mine.slug}),
        ("/collections/new", {"title": "X", "visibility": "public"}),
        (f"/collections/{mine.slug}/edit", {"title": "X", "visibility": "public"}),
        (f"/collections/{mine.slug}/delete", {}),
        (f"/collections/{mine.slug}/move", {"paper": paper, "where": "down"}),
        (f"/collections/{mine.slug}/note", {"paper": paper, "note": "X"}),
        (f"/collections/{mine.slug}/remove", {"paper": paper}),
    ):
        assert outside.post(address, fields).status_code == 403, address
    assert order(mine) == [papers[0].key, papers[1].key]
    assert Collection.objects.get().title == "Mine"


def test_a_private_collection_is_a_404_for_others_and_a_link_is_enough_for_a_shared_one(
    ann, signed_in, client, papers, parsed
):
    bo = signed_in("bo")
    made = {each: make(ann, f"Papers {each}", visibility=each) for each in ("private", "link", "public")}
    for each, status in (("private", 404), ("link", 200), ("public", 200)):
        address = f"/collections/{made[each].slug}"
        for path in (address, f"{address}.bib"):
            assert ann.get(path).status_code == 200
            assert bo.get(path).status_code == client.get(path).status_code == status, path
    for viewer in (bo, client):
        listed = parsed(viewer.get("/collections")).text
        assert "Papers public" in listed
        assert "Papers link" not in listed
        assert "Papers private" not in listed
        assert "Papers link" not in parsed(viewer.get("/@ann")).text
    assert all(f"Papers {each}" in parsed(ann.get("/collections")).text for each in made)
    assert b'content="noindex"' in client.get(f"/collections/{made['link'].slug}").content
    assert b'content="noindex"' not in client.get(f"/collections/{made['public'].slug}").content
    assert client.get("/collections/" + "x" * 22).status_code == 404
    assert client.get("/collections/short").status_code == 404


def test_nobody_else_changes_a_collection_however_public(ann, signed_in, papers):
    mine = make(ann, visibility="public")
    fill(ann, mine, papers[:2])
    bo, paper = signed_in("bo"), papers[0].pk
    assert bo.get(f"/collections/{mine.slug}/edit").status_code == 404
    for act, fields in (
        ("edit", {"title": "X", "visibility": "public"}),
        ("delete", {}),
        ("move", {"paper": paper, "where": "down"}),
        ("note", {"paper": paper, "note": "X"}),
        ("remove", {"paper": paper}),
    ):
        assert bo.post(f"/collections/{mine.slug}/{act}", fields).status_code == 404, act
    bo.post(f"/papers/{papers[2].key}/collections", {"offered": mine.slug, "in": mine.slug})
    assert order(mine) == [papers[0].key, papers[1].key]
    assert not Clipping.objects.exclude(note="").exists()


def test_a_limited_readers_public_collection_is_theirs_alone(signed_in, client, papers, parsed):
    bo = signed_in("bo", is_limited=True)
    mine = make(bo, visibility="public")
    assert bo.get(f"/collections/{mine.slug}").status_code == 200
    assert "Mine" in parsed(bo.get("/collections")).text
    assert client.get(f"/collections/{mine.slug}").status_code == 404
    assert "Mine" not in parsed(client.get("/collections")).text


def test_papers_are_put_in_and_out_and_into_a_new_collection_from_the_papers_page(ann, papers, parsed):
    first, second = make(ann, "First"), make(ann, "Second")
    key = papers[0].key
    answer = ann.post(
        f"/papers/{key}/collections",
        {"offered": [first.slug, second.slug], "in": [second.slug], "new": " Third <b>one</b> "},
    )
    assert answer["Location"] == f"/papers/{key}#collections"
    assert {one.collection.title for one in Clipping.objects.all()} == {"Second", "Third <b>one</b>"}
    ticked = [each.get("value") for tag, each in parsed(ann.get(f"/papers/{key}")).tags if "checked" in each]
    assert second.slug in ticked
    assert first.slug not in ticked
    ann.post(f"/papers/{key}/collections", {"offered": [first.slug, second.slug], "in": [first.slug]})
    assert order(first) == [key]
    assert order(second) == []
    assert Paper.objects.get(key=key).saves == 1


def test_a_collection_is_ordered_and_annotated(ann, client, papers, parsed):
    mine = make(ann, visibility="public", about="What to <b>read</b>")
    fill(ann, mine, papers)
    a, b, c, d = papers
    address = f"/collections/{mine.slug}"
    assert ann.post(f"{address}/move", {"paper": d.pk, "where": "up"})["Location"] == f"{address}#p{d.pk}"
    ann.post(f"{address}/move", {"paper": c.pk, "where": "top"})
    assert order(mine) == [c.key, a.key, b.key, d.key]
    ann.post(f"{address}/note", {"paper": c.pk, "note": "<script>x</script>"})
    page = parsed(client.get(address))
    assert "<script>x</script>" in page.text
    assert "What to <b>read</b>" in page.text
    assert [link for link in page.links() if link.startswith("/papers/2611")] == [
        f"/papers/{paper.key}" for paper in (c, a, b, d)
    ]
    for fields in ({}, {"paper": "x"}, {"paper": "9" * 30}, {"paper": "²"}, {"paper": 999_999}):
        assert ann.post(f"{address}/move", {"where": "up", **fields}).status_code == 404
    assert ann.post(f"{address}/move", {"paper": a.pk, "where": "away"}).status_code == 400
    assert ann.post(f"{address}/note", {"paper": a.pk, "note": "x" * 2_001}).status_code == 400


def test_what_was_taken_out_of_the_library_is_a_line_for_its_reader_and_nothing_for_others(
    ann, client, library, papers, parsed
):
    mine = make(ann, visibility="public")
    fill(ann, mine, papers[:3])
    library.withdraw(papers[0].key)
    library.erase(papers[1].key)
    address = f"/collections/{mine.slug}"
    own, others = parsed(ann.get(address)).text, parsed(client.get(address)).text
    assert f"{papers[0].key}, withdrawn" in " ".join(own.split())
    assert "erased" in own
    assert "withdrawn" not in others
    assert "erased" not in others
    assert "1 paper" in others
    ann.post(f"{address}/remove", {"paper": papers[1].pk})
    assert order(mine) == [papers[0].key, papers[2].key]


def test_a_collection_is_changed_and_deleted(ann, papers, parsed):
    mine = make(ann)
    fill(ann, mine, papers[:2])
    address = f"/collections/{mine.slug}"
    assert 'value="Mine"' in ann.get(f"{address}/edit").content.decode()
    assert ann.post(f"{address}/edit", {"title": "Ours", "visibility": "link"})["Location"] == address
    assert (Collection.objects.get().title, Collection.objects.get().visibility) == ("Ours", "link")
    for fields in ({"title": "", "visibility": "link"}, {"title": "x", "visibility": "x"}, {"title": "x" * 121}):
        assert ann.post(f"{address}/edit", fields).status_code == 400
        assert ann.post("/collections/new", fields).status_code == 400
    assert ann.post(f"{address}/delete")["Location"] == "/collections"
    assert not Collection.objects.exists()
    assert set(Paper.objects.values_list("saves", flat=True)) == {0}


def test_strangers_are_led_to_sign_in(client, library):
    for address in ("/collections/new", "/collections/" + "x" * 22 + "/edit"):
        assert client.get(address)["Location"].startswith("/accounts/login/")


def test_a_collection_is_exported_in_its_order_in_every_form(ann, client, library, papers, tmp_path):
    import bibtexparser
    import rispy

    from broadsheet.sources import open_file

    mine = make(ann, "Paging: “the” good/parts", visibility="link")
    fill(ann, mine, [papers[2], papers[0], papers[1]])
    library.withdraw(papers[1].key)
    titles = ["Paging, part 3", "Paging, part 1"]

    def get(form):
        answer = client.get(f"/collections/{mine.slug}.{form}")
        assert answer["Content-Disposition"] == f'attachment; filename="paging-the-good-parts.{form}"'
        return answer.content.decode()

    parsed = bibtexparser.parse_string(get("bib"))
    assert parsed.failed_blocks == []
    assert [entry["title"].strip("{}") for entry in parsed.entries] == titles
    assert len({entry.key for entry in parsed.entries}) == 2
    assert [entry["title"] for entry in rispy.loads(get("ris"))] == titles
    csl = json.loads(get("csl.json"))
    assert ([each["title"] for each in csl], len({each["id"] for each in csl})) == (titles, 2)
    (tmp_path / "out.jsonl").write_text(get("jsonl"))
    records = [record for page in open_file(tmp_path / "out.jsonl").harvest() for record in page.records]
    assert [record.version.title for record in records] == titles
    assert {placement.outcome for placement in library.put(records)} == {"unchanged"}


def test_exports_cost_work_and_so_have_a_limit(ann, client, papers):
    mine = make(ann, visibility="public")
    fill(ann, mine, papers)
    answers = [client.get(f"/collections/{mine.slug}.bib").status_code for _ in range(13)]
    assert answers == [200] * 12 + [429]


def test_pages_cost_as_many_queries_for_many_as_for_few(ann, client, library, record, papers):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    mine = make(ann, visibility="public")
    fill(ann, mine, papers)
    address = f"/collections/{mine.slug}"

    def cost(viewer, path):
        with CaptureQueriesContext(connection) as queries:
            assert viewer.get(path).status_code == 200
        return len(queries)

    seen = [
        (ann, address),
        (client, address),
        (ann, "/collections"),
        (client, "/collections"),
        (client, f"{address}.bib"),
    ]
    few = [cost(*each) for each in seen]
    library.put([record(f"More {n}", f"2611.1{n:04}") for n in range(30)])
    fill(ann, mine, Paper.objects.filter(key__startswith="2611.1"))
    for n in range(5):
        make(ann, f"Another {n}", visibility="public")
    assert [cost(*each) for each in seen] == few
    assert few <= [10, 5, 5, 1, 3]


def test_a_long_collection_has_pages(ann, library, record, papers, parsed):
    library.put([record(f"More {n}", f"2611.1{n:04}") for n in range(60)])
    mine = make(ann)
    fill(ann, mine, Paper.objects.order_by("pk"))
    address = f"/collections/{mine.slug}"
    assert "64 papers" in parsed(ann.get(address)).text
    assert "?page=2" in parsed(ann.get(address)).links()
    last = parsed(ann.get(f"{address}?page=2"))
    assert len([each for tag, each in last.tags if "data-paper" in each]) == 14
    assert ann.get(f"{address}?page=3").status_code == 404
