"""Handles, ORCIDs, roles from a terminal, and the end of an account: counters equal rows whatever happens."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from broadsheet.community import accounts, counting, voting
from broadsheet.community.accounts import check_handle, check_name, read_orcid
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import (
    Act,
    Claim,
    Clipping,
    Collection,
    Comment,
    CommentText,
    Notification,
    Read,
    Reader,
    Submission,
    Vote,
)
from broadsheet.library import attention
from broadsheet.library.models import Paper

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.mark.parametrize("text", ["admin", "Moderator", "@API", "-ann", "ann-", "a b", "änn", "", "a" * 31, "a_b"])
def test_a_handle_of_the_site_or_of_other_signs_is_refused(site_library, text):
    with pytest.raises(CommunityError):
        check_handle(text)


def test_a_handle_is_taken_once_and_kept_by_its_reader(site_library, reader):
    ann = reader("ann")
    assert check_handle("Ann", ann) == "ann"
    assert check_handle(" @bo-2 ") == "bo-2"
    with pytest.raises(CommunityError, match="Another reader"):
        check_handle("ANN")


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"])
def test_a_true_orcid_is_read_in_every_form(orcid):
    assert read_orcid(orcid) == orcid
    assert read_orcid(f" https://orcid.org/{orcid.lower()}/ ") == orcid
    assert read_orcid("") == ""


def test_every_single_wrong_digit_of_an_orcid_is_noticed():
    right = "0000-0002-1825-0097"
    for place, old in enumerate(right):
        for new in "0123456789":
            if old not in ("-", new):
                with pytest.raises(CommunityError, match="wrong digit"):
                    read_orcid(right[:place] + new + right[place + 1 :])


@pytest.mark.parametrize(
    "text", ["0000000218250097", "0000-0002-1825-00", "٠٠٠٠-0002-1825-0097", "javascript:alert(1)"]
)
def test_what_is_no_orcid_is_refused(text):
    with pytest.raises(CommunityError, match="written as"):
        read_orcid(text)


def test_a_name_cannot_turn_the_text_around_it(site_library):
    assert check_name("  Ada \n Byron ") == "Ada Byron"
    for name in ("Ada\u202eByron", "Ada\u2066", "Ada\x00", "\ufeff"):
        with pytest.raises(CommunityError):
            check_name(name)


def test_a_reader_is_made_from_the_terminal_with_a_verified_address_and_a_role(site_library):
    ann, is_new = accounts.ensure("Ann@Example.org ", "ann", "admin", NOW)
    assert is_new
    assert (ann.username, ann.email, ann.role, ann.is_staff) == ("ann", "ann@example.org", "admin", True)
    assert voting.is_verified(ann)
    again, is_new = accounts.ensure("ann@example.org", None, "reader", NOW)
    assert (again.pk, is_new, again.role) == (ann.pk, False, "reader")
    assert [(act.handle, act.verb, act.about, act.detail) for act in Act.objects.order_by("pk")] == [
        ("(terminal)", "role", "ann", "reader to admin"),
        ("(terminal)", "role", "ann", "admin to reader"),
    ]


@pytest.mark.parametrize("email", ["ann", "ann@", "a@b.org, c@d.org", "a@b.org\nBcc: x@y.org", ""])
def test_a_bad_address_makes_no_reader(site_library, email):
    with pytest.raises(CommunityError, match="not an e-mail address"):
        accounts.ensure(email, None, None, NOW)
    assert not Reader.objects.exists()


def test_an_admin_changes_others_with_a_line_in_the_log_and_not_themselves(site_library, reader, record):
    site_library.put([record("One", "2104.00001")])
    paper = Paper.objects.get()
    root, bo = reader("root1", role="admin"), reader("bo")
    voting.vote(bo, paper.pk, NOW)
    accounts.change_standing(root, bo, {"is_limited": True, "role": "editor"}, NOW)
    paper.refresh_from_db()
    assert paper.votes == 0
    assert [(act.verb, act.about, act.detail) for act in Act.objects.order_by("pk")] == [
        ("set is_limited", "bo", "False to True"),
        ("set role", "bo", "reader to editor"),
    ]
    with pytest.raises(CommunityError, match="your own"):
        accounts.change_standing(root, root, {"role": "reader"}, NOW)


def test_accounts_never_used_are_forgotten_after_a_day_and_others_stay(site_library, reader):
    reader("verified")
    reader("fresh", is_verified=False)
    old = reader("old", is_verified=False)
    Reader.objects.filter(pk__in=[old.pk, Reader.objects.get(username="verified").pk]).update(
        joined_at=NOW - timedelta(days=30)
    )
    now = Reader.objects.get(username="fresh").joined_at
    assert accounts.forget_unverified(now) == 1
    assert set(Reader.objects.values_list("username", flat=True)) == {"verified", "fresh"}


def fill(reader: Reader, papers: list[Paper]) -> None:
    """One of everything that a reader can leave behind, counted as the services count it."""
    first, second = papers
    other = Reader.objects.create_user("other", "other@example.org")
    for paper in papers:
        voting.vote(reader, paper.pk, NOW)
        voting.vote(other, paper.pk, NOW)
        voting.note_read(reader, paper.pk, NOW)
    comment = Comment.objects.create(paper=first, reader=reader, text="Mine", at=NOW)
    CommentText.objects.create(comment=comment, text="Mine before", at=NOW)
    answer = Comment.objects.create(paper=first, reader=other, parent=comment, text="Theirs", at=NOW)
    Notification.objects.create(reader=reader, comment=answer, kind="reply", at=NOW)
    Notification.objects.create(reader=other, comment=comment, kind="mention", at=NOW)
    Comment.objects.create(paper=second, reader=reader, text="Seen by nobody", at=NOW, is_shown=False)
    shelf = Collection.objects.create(reader=reader, slug="s" * 22, title="Shelf", created_at=NOW, changed_at=NOW)
    Clipping.objects.create(collection=shelf, paper=second, place=1, at=NOW)
    Submission.objects.create(paper=first, reader=reader, day=TODAY, at=NOW)
    Claim.objects.create(paper=first, reader=reader, author="Me", at=NOW)
    counting.repair()


@pytest.mark.parametrize("keeps_comments", [False, True])
def test_leaving_takes_everything_along_and_counters_follow(site_library, reader, record, keeps_comments):
    site_library.put([record("One", "2104.00001"), record("Two", "2104.00002")])
    first, second = papers = list(Paper.objects.order_by("pk"))
    ann = reader("ann")
    fill(ann, papers)
    accounts.leave(ann, keeps_comments, NOW)
    assert list(counting.miscounts()) == []
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.votes, first.reads, first.comments) == (1, 0, 2 if keeps_comments else 1)
    assert (second.votes, second.saves, second.comments) == (1, 0, 0)
    assert set(Reader.objects.values_list("username", flat=True)) == {"other"}
    assert not any(model.objects.exists() for model in (Read, Collection, Clipping, Claim, CommentText))
    assert not EmailAddress.objects.filter(email="ann@example.org").exists()
    assert Submission.objects.get().reader is None
    mine = Comment.objects.get(paper=first, parent=None)
    assert (mine.reader, mine.text) == (None, "Mine" if keeps_comments else "")
    assert (mine.deleted_at is None) == keeps_comments
    assert Comment.objects.get(paper=second).text == ""
    assert Comment.objects.get(text="Theirs").parent == mine
    assert Notification.objects.count() == (1 if keeps_comments else 0)


def test_leaving_while_voting_leaves_no_miscount(site_library, reader, record, in_parallel):
    site_library.put([record(f"Paper {n}", f"2104.{n:05}") for n in range(1, 9)])
    ann = reader("ann")
    papers = list(Paper.objects.values_list("pk", flat=True))
    voting.vote(ann, papers[0], NOW)

    def vote() -> None:
        from django.db import Error

        for paper in papers:
            try:
                voting.vote(ann, paper, NOW)
            except (Error, ValueError):  # the reader is gone
                return

    in_parallel([vote, lambda: accounts.leave(Reader.objects.get(pk=ann.pk), False, NOW)])
    assert not Vote.objects.exists()
    assert list(counting.miscounts()) == []


def test_counters_and_trending_of_a_paper_left_alone_do_not_move(site_library, reader, record):
    site_library.put([record("One", "2104.00001"), record("Two", "2104.00002")])
    first, second = Paper.objects.order_by("pk")
    ann, bo = reader("ann"), reader("bo")
    voting.vote(ann, first.pk, NOW)
    voting.vote(bo, second.pk, NOW)
    second.refresh_from_db()
    before = (second.votes, second.trending)
    accounts.leave(ann, False, NOW)
    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.votes, second.trending) == before
    assert attention.signals(first).votes == 0
