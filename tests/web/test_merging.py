"""Where a paper comes from, told on its page; and the pages on which editors make one paper of two, or two of one."""

from xml.etree import ElementTree

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from broadsheet.community import voting
from broadsheet.community.models import Act
from broadsheet.digests import links
from broadsheet.digests.models import Subscriber
from broadsheet.library.models import Change, Merge, Paper

KEPT, OTHER = "2611.00001", "10.1145/7"
PAGE, THEIRS = f"/papers/{KEPT}", f"/papers/{OTHER}"


@pytest.fixture
def library(library, record):
    ours = record("Paging <b>with</b> predictions", KEPT, source="arxiv", abstract="What is asked next.")
    theirs = record("Foresight for caches", OTHER, "openalex:W7", source="crossref", abstract="Short.")
    library.put([ours, theirs])
    return library


@pytest.fixture
def editor(signed_in):
    return signed_in("eve", role="editor")


def merge(client, key=KEPT, other=OTHER, **more):
    return client.post(f"/papers/{key}/merge", {"other": other}, **more)


def test_a_paper_of_one_source_says_so_without_fields(client, parsed):
    page = parsed(client.get(PAGE))
    assert "From arxiv, added" in " ".join(page.text.split())
    assert "Field by field" not in page.text


def test_a_paper_of_several_sources_tells_whose_word_each_field_is(client, library, record, parsed):
    library.put([record("Paging", KEPT, source="<i>pages</i>")])
    page = parsed(client.get(PAGE))
    said = " ".join(page.text.split())
    assert "From <i>pages</i> and arxiv, added" in said
    assert "Title<i>pages</i> arxiv says Paging <b>with</b> predictions" in said.replace("Title ", "Title")
    assert "Abstractarxiv" in said.replace("Abstract ", "Abstract")
    assert not {"i", "b"} & {tag for tag, each in page.tags if "on" in "".join(each) or tag == "i"}


def test_more_sources_and_more_merged_papers_cost_no_more_queries(editor, library, record):
    def cost():
        editor.get(PAGE)  # notes the reading, and follows the journal
        with CaptureQueriesContext(connections[library.alias]) as queries:
            assert editor.get(PAGE).status_code == editor.get(f"{PAGE}/merge", {"other": THEIRS}).status_code == 200
        return len(queries)

    for number in range(2):
        library.put([record(f"Paging {number}", KEPT, source=f"source-{number}"), record("Part", f"part:{number}")])
        library.merge(KEPT, f"part:{number}")
    few = cost()
    for number in range(2, 9):
        library.put([record(f"Paging {number}", KEPT, source=f"source-{number}"), record("Part", f"part:{number}")])
        library.merge(KEPT, f"part:{number}")
    assert cost() == few


def test_the_confirmation_shows_both_and_changes_nothing(editor, library, parsed):
    head = Change.objects.count()
    for text in (OTHER, "openalex:W7", f"http://localhost{THEIRS}", "https://doi.org/10.1145/7"):
        page = parsed(editor.get(f"{PAGE}/merge", {"other": text}))
        assert "Are these the same work?" in page.text
        assert {PAGE, THEIRS} <= set(page.links())
        assert ("input", {"type": "hidden", "name": "other", "value": OTHER}) in page.tags
    assert Change.objects.count() == head


def test_two_become_one_and_the_old_address_leads_there(editor, client, library, reader, parsed):
    voting.vote(reader("ann"), Paper.objects.get(key=OTHER).pk, library.clock())
    answer = merge(editor)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    moved = client.get(THEIRS)
    assert (moved.status_code, moved["Location"]) == (301, PAGE)
    page = parsed(client.get(PAGE))
    assert "arxiv says Paging <b>with</b> predictions" in " ".join(page.text.split())
    assert Paper.objects.get(key=KEPT).votes == 1
    assert [(act.handle, act.verb) for act in Act.objects.all()] == [("eve", "merged")]
    again = merge(editor)
    assert (again.status_code, Act.objects.count()) == (302, 1)


def test_it_is_taken_apart_again_on_the_page(editor, client, library, parsed):
    merge(editor)
    page = parsed(editor.get(PAGE))
    assert ("input", {"type": "hidden", "name": "name", "value": OTHER}) in page.tags
    answer = editor.post(f"{PAGE}/split", {"name": OTHER})
    assert (answer.status_code, answer["Location"]) == (302, THEIRS)
    assert client.get(THEIRS).status_code == client.get(PAGE).status_code == 200


def test_names_are_split_off_on_the_page(editor, client, library, record, parsed):
    library.put([record("Paging with predictions", KEPT, "acl:P18-1001", source="acl")])
    page = parsed(editor.get(PAGE))
    offered = [
        each["value"]
        for tag, each in page.tags
        if tag == "input" and (each.get("type"), each.get("name")) == ("checkbox", "name")
    ]
    assert offered == ["acl:P18-1001"]
    assert editor.post(f"{PAGE}/split", {"name": offered})["Location"] == "/papers/acl:P18-1001"
    assert library.count() == 3


def test_feeds_lists_and_harvesters_hear_of_it(editor, client, library):
    before, number = library.search("foresight").at, Paper.objects.get(key=OTHER).pk
    merge(editor)
    assert client.get(f"/resync/papers/{number}")["Location"] == PAGE
    assert client.get(f"/resync/papers/{number}.json").status_code == 410
    [then] = client.get("/api/v1/search", {"q": "foresight", "at": before}).json()["hits"]
    assert (then["paper"]["id"], then["paper"]["identifiers"]) == (OTHER, ["doi:10.1145/7", "openalex:W7"])
    assert OTHER not in client.get("/feeds/newest.atom").content.decode()
    record = client.get(
        "/oai", {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": f"oai:localhost:{OTHER}"}
    )
    header = ElementTree.fromstring(record.content).find(".//{*}header")
    assert header is not None, record.content
    assert header.get("status") == "deleted"
    assert client.get(f"/api/v1/papers/{OTHER}").json()["id"] == KEPT
    told = client.get(f"/api/v1/papers/{KEPT}").json()
    assert told["merged"] == [OTHER]
    title = next(each for each in told["sources"] if each["field"] == "title")
    assert title["values"][1] == {"value": "Paging <b>with</b> predictions", "sources": ["arxiv"], "is_shown": False}


@pytest.mark.parametrize(
    ("other", "status", "said"),
    [
        (KEPT, 400, "itself"),
        ("2611.40400", 404, "2611.40400 is not in this library"),
        ("nonsense \x00 here", 404, "NUL"),
        ("x" * 3000, 404, "no paper here has the key"),
        ("<script>alert(1)</script>", 404, "<script>alert(1)</script>"),
        ("gone:1", 404, "gone:1 was withdrawn"),
    ],
)
def test_what_cannot_be_made_one_is_said_beside_the_field(editor, library, record, parsed, other, status, said):
    library.put([record("Gone", "gone:1")])
    library.withdraw("gone:1")
    answer = editor.get(f"{PAGE}/merge", {"other": other})
    assert answer.status_code == status
    assert said in parsed(answer).text
    assert b"<script>alert" not in answer.content


def test_forged_papers_change_nothing(editor, library, record, parsed):
    library.put([record("Gone", "gone:1"), record("Erased", "erased:1")])
    library.withdraw("gone:1")
    library.erase("erased:1")
    head = Change.objects.count()
    for key, other in (
        (KEPT, KEPT),
        (KEPT, "gone:1"),
        (KEPT, "erased:1"),
        (KEPT, ""),
        (KEPT, "1"),
        (KEPT, "../" + OTHER),
    ):
        assert merge(editor, key, other).status_code in (400, 404), other
    for key in ("gone:1", "erased:1", "2611.40400"):
        assert merge(editor, key).status_code in (400, 404, 410), key
    for names in ([], [OTHER], [KEPT], ["nonsense"], ["\0"], ["x" * 3000]):
        assert editor.post(f"{PAGE}/split", {"name": names}).status_code in (400, 404), names
    assert Change.objects.count() == head
    assert not Merge.objects.exists()
    assert not Act.objects.exists()


def test_only_editors_see_and_do_it(editor, signed_in, client, library):
    assert b"/merge" in editor.get(PAGE).content
    for reader in (signed_in("ann"), signed_in("mo", role="moderator")):
        assert b"/merge" not in reader.get(PAGE).content
        assert reader.get(f"{PAGE}/merge", {"other": OTHER}).status_code == 403
        assert merge(reader).status_code == 403
        assert reader.post(f"{PAGE}/split", {"name": OTHER}).status_code == 403
    assert b"/merge" not in client.get(PAGE).content
    for answer in (client.get(f"{PAGE}/merge"), merge(client), client.post(f"{PAGE}/split", {"name": OTHER})):
        assert answer["Location"].startswith("/accounts/login/")
    assert library.count() == 2


def test_an_editor_no_more_merges_no_more(editor, library):
    from broadsheet.community.models import Reader

    Reader.objects.filter(username="eve").update(role="reader")
    assert merge(editor).status_code == 403
    assert library.count() == 2


def test_forms_from_elsewhere_merge_and_split_nothing(signed_in, library):
    editor = signed_in("eve", role="editor", checks=True)
    assert merge(editor).status_code == 403
    assert editor.post(f"{PAGE}/split", {"name": OTHER}).status_code == 403
    for method in ("put", "delete", "patch"):
        assert getattr(editor, method)(f"{PAGE}/merge").status_code in (403, 405)
    assert library.count() == 2


def test_a_link_of_a_mail_from_before_acts_on_what_the_paper_became(editor, client, library, clock):
    times = {"asked_at": clock(), "confirmed_at": clock(), "next_at": clock()}
    ann = Subscriber.objects.create(address="ann@example.org", key="k" * 22, **times)
    number = Paper.objects.get(key=OTHER).pk
    merge(editor)
    address = f"/d/more/{links.seal(ann, 'more', number)}/{number}"
    assert PAGE in client.get(address).content.decode()
    assert client.post(address).status_code == 200
    assert ann.feedback.get().paper.key == KEPT
