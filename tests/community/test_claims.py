"""Readers say which author they are; editors decide."""

import pytest

from broadsheet.community import claims
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.models import Act, Claim


@pytest.fixture
def version(site_library, record):
    site_library.put([record("Paging with predictions", "2611.00001", authors=["Ann Lee", "Bo Chen"])])
    return site_library.find("2611.00001")


@pytest.fixture
def claim(site_library, version):
    def make(reader, author="Ann Lee", evidence="My page says so"):
        return claims.claim(reader, version, author, evidence, site_library.clock())

    return make


def test_an_accepted_claim_stands_with_the_paper(site_library, version, claim, reader):
    ann, editor = reader("ann"), reader("eve", role="editor")
    made = claim(ann)
    assert claims.open_claims() == [made]
    assert claims.standing(version.paper_id, ann) == []
    claims.accept(editor, made.pk, site_library.clock())
    assert [each.author for each in claims.standing(version.paper_id, None)] == ["Ann Lee"]
    assert (claims.open_claims(), claims.own(version.paper_id, ann).state) == ([], "accepted")
    act = Act.objects.get()
    assert (act.handle, act.verb, act.about, act.detail) == ("eve", "accepted claim", "2611.00001", "@ann as Ann Lee")


def test_a_refused_claim_shows_nowhere_and_is_not_made_again(site_library, version, claim, reader):
    ann, editor = reader("ann"), reader("eve", role="editor")
    claims.refuse(editor, claim(ann).pk, site_library.clock())
    assert claims.standing(version.paper_id, ann) == claims.open_claims() == []
    claims.take_back(ann, version.paper_id)
    with pytest.raises(CommunityError, match="before"):
        claim(ann)


def test_a_reader_claims_a_paper_once_and_may_take_it_back(version, claim, reader):
    ann = reader("ann")
    claim(ann)
    with pytest.raises(CommunityError, match="before"):
        claim(ann, "Bo Chen")
    claims.take_back(ann, version.paper_id)
    assert claim(ann, "Bo Chen").author == "Bo Chen"


def test_two_readers_are_not_one_author(site_library, version, claim, reader):
    editor, now = reader("eve", role="editor"), site_library.clock()
    first, second = claim(reader("ann")), claim(reader("bo"))
    claims.accept(editor, first.pk, now)
    with pytest.raises(CommunityError, match="Somebody else"):
        claims.accept(editor, second.pk, now)
    with pytest.raises(CommunityError, match="already"):
        claims.refuse(editor, first.pk, now)
    with pytest.raises(CommunityError, match="somebody else as Ann Lee"):
        claim(reader("cy"))
    assert claim(reader("dan"), "Bo Chen").state == "open"


def test_two_editors_at_once_do_not_accept_two_readers_as_one_author(site_library, version, claim, reader, in_parallel):
    editors = [reader(f"editor-{n}", role="editor") for n in range(4)]
    made = [claim(reader(f"reader-{n}")) for n in range(4)]

    def accept(editor, one):
        try:
            claims.accept(editor, one.pk, site_library.clock())
        except CommunityError:
            refused.append(one)

    refused = []
    in_parallel([lambda editor=editor, one=one: accept(editor, one) for editor, one in zip(editors, made, strict=True)])
    assert (len(claims.standing(version.paper_id, None)), len(refused)) == (1, 3)


def test_only_the_papers_own_authors_are_claimed_and_with_few_words(claim, reader):
    ann = reader("ann")
    for author in ("", "Ann", "ann lee", "Somebody Else"):
        with pytest.raises(CommunityError, match="one of the paper's authors"):
            claim(ann, author)
    with pytest.raises(CommunityError, match="this has 1,001"):
        claim(ann, evidence="x" * 1_001)
    assert not Claim.objects.exists()


def test_only_editors_and_admins_decide(site_library, claim, reader):
    made, now = claim(reader("ann")), site_library.clock()
    for role in ("reader", "moderator"):
        with pytest.raises(NotAllowed):
            claims.accept(reader(role, role=role), made.pk, now)
    admin = reader("root", role="admin")
    with pytest.raises(Missing):
        claims.accept(admin, made.pk + 1, now)
    assert claims.accept(admin, made.pk, now).state == "accepted"


def test_what_a_limited_reader_claims_nobody_else_sees(site_library, version, claim, reader):
    bo = reader("bo", is_limited=True)
    made = claim(bo)
    assert (claims.open_claims(), claims.own(version.paper_id, bo)) == ([], made)
    ann = reader("ann")
    claims.accept(reader("eve", role="editor"), claim(ann).pk, site_library.clock())
    ann.is_limited = True
    ann.save()
    assert claims.standing(version.paper_id, None) == []
    assert len(claims.standing(version.paper_id, ann)) == 1
