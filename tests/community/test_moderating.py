"""Moderating: who may do what to whom, what becomes of it, and that the audit log has every act."""

import pytest

from broadsheet.community import comments, counting, moderating, voting
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.models import Act, Comment, CommentText, Lock, Notification, Reader, Report
from broadsheet.library.models import Paper


@pytest.fixture
def report(site_library):
    return lambda reader, comment, reason="Spam": moderating.report(reader, comment.pk, reason, site_library.clock())


def log() -> list[tuple[str, str, str]]:
    return list(Act.objects.order_by("pk").values_list("handle", "verb", "detail"))


def test_reports_wait_by_comment_the_oldest_first(site_library, write, reader, report):
    ann, bo, cy = reader("ann"), reader("bo"), reader("cy")
    first, second = write(ann, "first"), write(ann, "second")
    report(bo, second, "Rude\x00 \u202ewords ")
    site_library.clock.forward(minutes=1)
    report(cy, first)
    report(cy, second)
    report(bo, second, "Again")
    waiting = [(case.comment, [row.reason for row in case.reports], case.title) for case in moderating.cases()]
    assert waiting == [
        (second, ["Rude words", "Spam"], "Paging with predictions"),
        (first, ["Spam"], "Paging with predictions"),
    ]
    assert [case.comment for case in moderating.cases(limit=1)] == [second]


@pytest.mark.parametrize("reason", ["", " \n", "\x00\u200b", "x" * 1_001])
def test_a_report_needs_a_reason(write, reader, report, reason):
    comment = write(reader("ann"), "words")
    with pytest.raises(CommunityError):
        report(reader("bo"), comment, reason)


def test_what_one_cannot_see_or_wrote_oneself_is_not_reported(write, reader, report):
    ann, bo = reader("ann"), reader("bo", is_limited=True)
    with pytest.raises(NotAllowed):
        report(ann, write(ann, "own"))
    with pytest.raises(Missing):
        report(ann, write(bo, "hidden"))
    assert Report.objects.count() == 0


def test_reports_by_limited_readers_reach_nobody(write, reader, report):
    report(reader("bo", is_limited=True), write(reader("ann"), "words"))
    assert moderating.cases() == []


def test_a_report_goes_with_its_comment(write, reader, report, clock):
    ann = reader("ann")
    comment = write(ann, "words")
    report(reader("bo"), comment)
    comments.delete(ann, comment.pk, clock())
    assert moderating.cases() == []
    assert Report.objects.get().outcome == "deleted"


@pytest.mark.parametrize("remove", ["withdraw", "erase"])
def test_reports_of_what_is_not_shown_any_more_do_not_wait(site_library, write, reader, report, remove):
    report(reader("bo"), write(reader("ann"), "words"))
    getattr(site_library, remove)("2611.00001")
    assert moderating.cases() == []


def test_reports_are_dismissed_and_the_same_reader_does_not_open_them_again(write, reader, report, clock):
    mo, bo = reader("mo", role="moderator"), reader("bo")
    comment = write(reader("ann"), "words")
    report(bo, comment)
    moderating.dismiss(mo, comment.pk, "Fair words", clock())
    report(bo, comment)
    assert moderating.cases() == []
    settled = Report.objects.get()
    assert (settled.outcome, settled.settled_by, settled.settled_at) == ("dismissed", mo, clock())
    with pytest.raises(Missing):
        moderating.dismiss(mo, comment.pk, "Again", clock())
    assert log() == [("mo", "dismissed reports of", "Fair words")]


def test_a_removed_comment_is_erased_counted_out_and_forgotten(paper, write, reader, report, clock):
    mo, ann, bo = reader("mo", role="moderator"), reader("ann"), reader("bo")
    comment = write(ann, "@bo buy")
    comments.edit(ann, comment.pk, "@bo buy now", clock())
    write(bo, "No", comment)
    report(bo, comment)
    removed = moderating.remove(mo, comment.pk, "Spam", clock())
    assert (removed.text, removed.deleted_by, CommentText.objects.count()) == ("", "moderator", 0)
    assert Notification.objects.filter(comment=comment).count() == 0
    assert Report.objects.get().outcome == "removed"
    paper.refresh_from_db()
    assert (paper.comments, list(counting.miscounts())) == (1, [])
    with pytest.raises(NotAllowed):
        moderating.remove(mo, comment.pk, "Again", clock())
    with pytest.raises(NotAllowed):
        comments.edit(ann, comment.pk, "back", clock())
    assert log() == [("mo", "removed", "Spam")]


def test_a_comment_whose_writer_left_is_removed_too(write, reader, clock):
    comment = write(reader("ann"), "words")
    Comment.objects.update(reader=None)
    moderating.remove(reader("mo", role="moderator"), comment.pk, "Spam", clock())
    assert "a reader who left" in Act.objects.get().about


def test_a_limit_takes_votes_out_and_lifting_it_brings_them_back(paper, reader, clock):
    mo, ann = reader("mo", role="moderator"), reader("ann")
    voting.vote(ann, paper.pk, clock())
    for is_limited, votes in ((True, 0), (False, 1)):
        assert moderating.limit(mo, "ann", is_limited, "Votes by robots", clock()).is_limited is is_limited
        with pytest.raises(NotAllowed):
            moderating.limit(mo, "ann", is_limited, "Again", clock())
        paper.refresh_from_db()
        assert (paper.votes, list(counting.miscounts())) == (votes, [])
    assert [verb for _, verb, _ in log()] == ["limited", "lifted the limit of"]


def test_comments_written_under_a_limit_stay_unseen_when_it_is_lifted(paper, write, reader, clock):
    mo, ann = reader("mo", role="moderator"), reader("ann")
    write(ann, "before")
    moderating.limit(mo, "ann", True, "Spam", clock())
    write(ann, "meanwhile")
    moderating.limit(mo, "ann", False, "Promised to stop", clock())
    write(ann, "after")
    seen = [node.comment.text for node in comments.walk(comments.thread(paper.pk, None))]
    assert seen == ["before", "after"]
    assert list(counting.miscounts()) == []


def test_an_account_is_closed_and_opened(write, reader, clock):
    mo, ann = reader("mo", role="moderator"), reader("ann")
    moderating.close_account(mo, "ann", True, "Spam", clock())
    with pytest.raises(NotAllowed):
        write(ann, "words")
    with pytest.raises(NotAllowed):
        moderating.close_account(mo, "ann", True, "Again", clock())
    moderating.close_account(mo, "ann", False, "Explained", clock())
    write(ann, "words")
    assert [verb for _, verb, _ in log()] == ["closed the account of", "reopened the account of"]


def test_a_discussion_is_closed_once_and_opened_once(paper, reader, clock):
    mo, now = reader("mo", role="moderator"), clock()
    with pytest.raises(NotAllowed):
        moderating.open_discussion(mo, paper.pk, "Early", now)
    moderating.close_discussion(mo, paper.pk, "It got loud", now)
    with pytest.raises(NotAllowed):
        moderating.close_discussion(mo, paper.pk, "Again", now)
    assert comments.lock_of(paper.pk).reason == "It got loud"
    moderating.open_discussion(mo, paper.pk, "Calm", now)
    assert comments.lock_of(paper.pk) is None
    assert [verb for _, verb, _ in log()] == ["closed the discussion of", "reopened the discussion of"]


def every_act(paper, comment, handle, now) -> list:
    return [
        lambda who: moderating.dismiss(who, comment.pk, "x", now),
        lambda who: moderating.remove(who, comment.pk, "x", now),
        lambda who: moderating.limit(who, handle, True, "x", now),
        lambda who: moderating.close_account(who, handle, True, "x", now),
        lambda who: moderating.close_discussion(who, paper.pk, "x", now),
        lambda who: moderating.open_discussion(who, paper.pk, "x", now),
    ]


@pytest.mark.parametrize("fields", [{}, {"role": "editor"}, {"role": "moderator", "is_active": False}])
def test_nobody_but_moderators_does_any_of_this(paper, write, reader, report, clock, fields):
    comment = write(reader("ann"), "words")
    report(reader("cy"), comment)
    other = reader("bo", **fields)
    for act in every_act(paper, comment, "ann", clock()):
        with pytest.raises(NotAllowed):
            act(other)
    assert (log(), Lock.objects.count(), Reader.objects.filter(is_limited=True).count()) == ([], 0, 0)


def test_a_role_that_was_taken_away_a_moment_ago_no_longer_holds(paper, write, reader, report, clock):
    comment, mo = write(reader("ann"), "words"), reader("mo", role="moderator")
    Reader.objects.filter(pk=mo.pk).update(role="reader")
    for act in every_act(paper, comment, "ann", clock()):
        with pytest.raises(NotAllowed):
            act(mo)


def test_nobody_moderates_an_admin_or_themselves(paper, write, reader, clock):
    mo, admin = reader("mo", role="moderator"), reader("ad", role="admin")
    other = reader("other", role="admin")
    for who, whom in ((mo, admin), (mo, mo), (admin, admin), (other, admin)):
        comment = write(whom, f"words to {who}")
        for act in every_act(paper, comment, whom.username, clock())[1:4]:
            with pytest.raises(NotAllowed):
                act(who)
    assert log() == []
    assert moderating.limit(admin, "mo", True, "Misuse", clock()).is_limited


def test_every_act_needs_a_reason_of_one_line(paper, write, reader, clock):
    mo, comment = reader("mo", role="moderator"), write(reader("ann"), "words")
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(CommunityError):
            moderating.remove(mo, comment.pk, reason, clock())
    moderating.remove(mo, comment.pk, "two\nlines", clock())
    assert log() == [("mo", "removed", "two lines")]


def test_what_is_not_there_is_missing(paper, reader, clock):
    mo = reader("mo", role="moderator")
    for act in every_act(Paper(pk=10**9), Comment(pk=10**9), "nobody", clock()):
        with pytest.raises(Missing):
            act(mo)


def test_ten_moderators_removing_one_comment_at_once_count_it_out_once(paper, write, reader, clock, in_parallel):
    write(reader("ann"), "stays")
    comment, now = write(reader("bo"), "goes"), clock()
    outcomes = []

    def remove(moderator) -> None:
        try:
            moderating.remove(moderator, comment.pk, "Spam", now)
            outcomes.append("removed")
        except NotAllowed:
            outcomes.append("too late")

    moderators = [reader(f"mo{n}", role="moderator") for n in range(10)]
    in_parallel([lambda who=who: remove(who) for who in moderators])
    paper.refresh_from_db()
    assert (sorted(outcomes), paper.comments, len(log())) == (["removed"] + ["too late"] * 9, 1, 1)
