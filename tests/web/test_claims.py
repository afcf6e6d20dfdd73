"""A reader says which author they are; editors decide; the page says so beside the name."""

import pytest

from broadsheet.community.models import Act, Claim


@pytest.fixture
def paper(library, record):
    from broadsheet.papers import Author, Identifier, Record, Version

    authors = (Author("Ann Lee", orcid="0000-0002-1825-0097"), Author("Bo <i>Chen</i>"))
    text = Version("Paging with predictions", authors=authors)
    library.put([Record("arxiv", (Identifier("arxiv", "2611.00001"),), text)])
    return "/papers/2611.00001"


def claim(client, **fields):
    return client.post("/papers/2611.00001/claim", fields)


def settle(client, decision="accept", number=None):
    return client.post(f"/editing/claims/{number or Claim.objects.latest('pk').pk}", {"decision": decision})


def test_an_accepted_claim_stands_beside_the_name(signed_in, client, paper, parsed):
    ann, eve = signed_in("ann", orcid="0000-0002-1825-0097"), signed_in("eve", role="editor")
    assert claim(ann, author="Ann Lee", evidence="<b>me</b>")["Location"] == f"{paper}#claim"
    assert "Your claim: open" in parsed(ann.get(paper)).text
    assert "/@ann" not in parsed(client.get(paper)).links()
    desk = parsed(eve.get("/editing")).text
    assert "<b>me</b>" in desk
    assert "same ORCID" in desk
    assert settle(eve)["Location"] == "/editing#claims"
    assert "/@ann" in parsed(client.get(paper)).links()
    assert "Ann Lee @ann" in " ".join(parsed(client.get(paper)).text.split())
    assert "Paging with predictions" in parsed(client.get("/@ann")).text
    assert Act.objects.get().detail == "@ann as Ann Lee"


def test_a_refused_claim_is_told_to_its_reader_alone(signed_in, client, paper, parsed):
    ann, eve = signed_in("ann"), signed_in("eve", role="editor")
    claim(ann, author="Ann Lee")
    settle(eve, "refuse")
    assert "refused" in parsed(ann.get(paper)).text
    assert "@ann" not in parsed(client.get(paper)).text
    assert claim(ann, author="Ann Lee").status_code == 400


def test_a_claim_is_taken_back(signed_in, client, paper, parsed):
    ann = signed_in("ann")
    claim(ann, author="Ann Lee")
    settle(signed_in("eve", role="editor"))
    claim(ann, claim="0")
    assert "@ann" not in parsed(client.get(paper)).text
    assert "Is this your paper?" in parsed(ann.get(paper)).text


def test_only_authors_of_the_paper_can_be_claimed_and_odd_names_too(signed_in, paper):
    ann = signed_in("ann")
    for author in ("", "Somebody", "Bo Chen"):
        assert claim(ann, author=author).status_code == 400
    assert claim(ann, author="Bo <i>Chen</i>").status_code == 302
    assert ann.post("/papers/2611.40400/claim", {"author": "Ann Lee"}).status_code == 404


def test_only_editors_decide_and_only_accept_or_refuse(signed_in, client, paper):
    ann, eve = signed_in("ann"), signed_in("eve", role="editor")
    claim(ann, author="Ann Lee")
    for reader in (ann, signed_in("mo", role="moderator")):
        assert settle(reader).status_code == 403
    assert settle(client)["Location"].startswith("/accounts/login/")
    assert settle(eve, "maybe").status_code == 400
    assert settle(eve, number=9_999).status_code == 404
    assert Claim.objects.get().state == "open"


def test_forms_from_elsewhere_claim_and_decide_nothing(signed_in, paper):
    claim(signed_in("ann"), author="Ann Lee")
    assert claim(signed_in("bo", checks=True), author="Ann Lee").status_code == 403
    assert settle(signed_in("eve", role="editor", checks=True)).status_code == 403
    assert [each.state for each in Claim.objects.all()] == ["open"]


def test_a_signed_author_far_down_the_list_is_named_too(signed_in, client, library, record, parsed):
    library.put([record("Many hands", "2611.00001", authors=[f"Author Number{n:03}" for n in range(90)])])
    claim(signed_in("ann"), author="Author Number080")
    settle(signed_in("eve", role="editor"))
    text = " ".join(parsed(client.get("/papers/2611.00001")).text.split())
    assert "Author Number080 @ann" in text
    assert "and 59 more" in text
