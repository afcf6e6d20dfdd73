"""Comments: written, answered, edited and deleted, counted exactly, and seen by whom they should be."""

from datetime import timedelta

import pytest

from broadsheet.community import comments, counting
from broadsheet.community.errors import CommunityError, LimitReached, Missing, NotAllowed
from broadsheet.community.models import Comment, CommentText, Lock, Reader
from broadsheet.library.models import Paper


def counted(paper) -> int:
    paper.refresh_from_db()
    assert list(counting.miscounts()) == []
    return paper.comments


def seen(paper, viewer=None) -> list[tuple[str, int]]:
    return [(node.comment.text, node.depth) for node in comments.walk(comments.thread(paper.pk, viewer))]


def test_a_discussion_reads_oldest_first_with_replies_under_what_they_answer(paper, write, reader):
    ann, bo = reader("ann"), reader("bo")
    first = write(ann, "first")
    write(bo, "second")
    reply = write(bo, "reply", first)
    write(ann, "later reply", first)
    write(ann, "reply to the reply", reply)
    assert seen(paper) == [
        ("first", 0),
        ("reply", 1),
        ("reply to the reply", 2),
        ("later reply", 1),
        ("second", 0),
    ]
    assert counted(paper) == 5


def test_a_piece_of_a_discussion_keeps_the_depth_of_what_it_cuts_off(paper, write, reader):
    ann = reader("ann")
    above = None
    for n in range(5):
        above = write(ann, str(n), above)
    piece = comments.thread(paper.pk, None, offset=2, limit=2)
    assert [(node.comment.text, node.depth) for node in comments.walk(piece)] == [("2", 2), ("3", 3)]


def test_a_chain_of_three_thousand_replies_is_read(site_library, paper, reader):
    chain = [
        Comment(
            pk=n, paper=paper, reader=reader("ann") if n == 1 else None, parent_id=n - 1 or None, text=str(n), at=at
        )
        for n, at in enumerate([site_library.clock()] * 3_000, 1)
    ]
    Comment.objects.bulk_create(chain)
    assert [depth for _, depth in seen(paper)] == list(range(3_000))


@pytest.mark.parametrize("text", ["", " \n ", "\x00\x1b", "\u200b\u202e", "x" * 20_001, "x" * 1_000_000])
def test_a_comment_has_some_words_and_at_most_twenty_thousand_characters(paper, write, reader, text):
    with pytest.raises(CommunityError):
        write(reader("ann"), text)
    assert counted(paper) == 0


def test_control_characters_and_half_characters_are_left_out(write, reader):
    assert write(reader("ann"), "\n\na\x00b\r\nc\u2028d\ud800\x7f\te\n").text == "ab\nc\nd\te"
    assert len(write(reader("bo"), "é" * 20_000).text) == 20_000


def test_a_form_sent_twice_is_one_comment_but_the_same_words_are_welcome_later(site_library, paper, write, reader):
    ann, bo = reader("ann"), reader("bo")
    now = site_library.clock()
    once, twice = (comments.write(ann, paper.pk, "Thanks", now) for _ in range(2))
    assert once == twice
    assert comments.write(ann, paper.pk, "Thanks", now, once.pk) != once
    assert comments.write(bo, paper.pk, "Thanks", now) != once
    assert write(ann, "Thanks") != once
    assert counted(paper) == 4


def test_an_edit_keeps_the_texts_before_it(site_library, write, edit, reader):
    ann = reader("ann")
    comment = write(ann, "one")
    written_at = site_library.clock()
    for text in ("one", "two", "three"):
        site_library.clock.forward(minutes=5)
        comment = edit(ann, comment, text)
    assert (comment.text, comment.edited_at) == ("three", site_library.clock())
    earlier = list(CommentText.objects.order_by("pk").values_list("text", "at"))
    assert earlier == [("one", written_at), ("two", written_at + timedelta(minutes=10))]


def test_only_its_writer_edits_or_deletes_a_comment(paper, write, edit, delete, reader):
    comment = write(reader("ann"), "mine")
    for other in (reader("bo"), reader("mo", role="moderator"), reader("ad", role="admin")):
        with pytest.raises(NotAllowed):
            edit(other, comment, "yours")
        with pytest.raises(NotAllowed):
            delete(other, comment)
    assert seen(paper) == [("mine", 0)]


def test_a_deleted_comment_leaves_its_place_and_nothing_of_its_text(paper, write, edit, delete, reader):
    ann = reader("ann")
    comment = write(ann, "secret words")
    edit(ann, comment, "more secret words")
    write(reader("bo"), "reply", comment)
    delete(ann, comment)
    assert delete(ann, comment).deleted_by == "reader"
    assert seen(paper) == [("", 0), ("reply", 1)]
    assert CommentText.objects.count() == 0
    assert counted(paper) == 1


def test_nothing_is_added_to_a_deleted_comment(write, edit, delete, reader):
    ann = reader("ann")
    comment = write(ann, "gone")
    delete(ann, comment)
    with pytest.raises(NotAllowed):
        edit(ann, comment, "back")
    with pytest.raises(NotAllowed):
        write(ann, "reply", comment)


def test_a_reply_stays_with_its_paper(site_library, paper, write, record, reader):
    ann = reader("ann")
    comment = write(ann, "here")
    site_library.put([record("Another paper", "2611.00002")])
    other = Paper.objects.get(key="2611.00002")
    for paper_id, parent_id in ((other.pk, comment.pk), (paper.pk, 10**9), (10**9, None)):
        with pytest.raises(Missing):
            comments.write(ann, paper_id, "x", site_library.clock(), parent_id)


def test_what_a_limited_reader_writes_only_they_and_moderators_see(paper, write, reader):
    ann, bo, mo = reader("ann"), reader("bo", is_limited=True), reader("mo", role="moderator")
    hidden = write(bo, "hidden")
    write(bo, "hidden reply", hidden)
    write(bo, "hidden answer", write(ann, "open"))
    assert seen(paper) == seen(paper, ann) == [("open", 0)]
    everything = [("hidden", 0), ("hidden reply", 1), ("open", 0), ("hidden answer", 1)]
    assert seen(paper, bo) == seen(paper, mo) == everything
    for viewer in (None, ann):
        with pytest.raises(Missing):
            comments.find(hidden.pk, viewer)
    assert comments.find(hidden.pk, bo) == comments.find(hidden.pk, mo) == hidden
    with pytest.raises(Missing):
        write(ann, "reply", hidden)
    with pytest.raises(NotAllowed):
        write(mo, "reply", hidden)
    assert counted(paper) == 1


def test_the_limit_that_holds_is_the_one_in_the_table_not_the_one_in_the_session(paper, write, reader):
    ann = reader("ann")
    Reader.objects.update(is_limited=True)
    assert not write(ann, "too late").is_shown
    Reader.objects.update(is_active=False)
    with pytest.raises(NotAllowed):
        write(ann, "far too late")
    assert counted(paper) == 0


def test_what_a_limited_reader_edits_is_seen_no_longer_and_replies_to_it_stay(paper, write, edit, delete, reader):
    ann, bo = reader("ann"), reader("bo")
    comment = write(ann, "harmless")
    write(bo, "reply", comment)
    Reader.objects.filter(pk=ann.pk).update(is_limited=True)
    edit(ann, comment, "advertisement")
    assert seen(paper) == [("reply", 1)]
    assert seen(paper, ann) == [("advertisement", 0), ("reply", 1)]
    assert counted(paper) == 1
    delete(ann, comment)
    assert counted(paper) == 1


def test_a_closed_discussion_is_read_and_only_moderators_add_to_it(site_library, paper, write, edit, delete, reader):
    ann, mo = reader("ann"), reader("mo", role="moderator")
    comment = write(ann, "before")
    Lock.objects.create(paper=paper, moderator=mo, reason="It got loud", at=site_library.clock())
    for attempt in (lambda: write(ann, "after"), lambda: write(ann, "reply", comment), lambda: edit(ann, comment, "x")):
        with pytest.raises(NotAllowed, match="It got loud"):
            attempt()
    write(mo, "closing words", comment)
    assert seen(paper) == [("before", 0), ("closing words", 1)]
    delete(ann, comment)
    assert seen(paper) == [("", 0), ("closing words", 1)]


@pytest.mark.parametrize("remove", ["withdraw", "erase"])
def test_the_discussion_goes_with_its_paper(site_library, paper, write, edit, reader, remove):
    ann = reader("ann")
    comment = write(ann, "about it")
    getattr(site_library, remove)("2611.00001")
    assert seen(paper) == seen(paper, ann) == []
    for attempt in (lambda: write(ann, "more"), lambda: edit(ann, comment, "more")):
        with pytest.raises(Missing):
            attempt()


def test_a_new_account_writes_ten_comments_on_its_first_day(site_library, paper, write, reader):
    ann = reader("ann")
    Reader.objects.update(joined_at=site_library.clock())
    for n in range(10):
        write(ann, f"comment {n}")
    with pytest.raises(LimitReached) as refused:
        write(ann, "one too many")
    assert timedelta(hours=23) < refused.value.wait < timedelta(days=1)
    site_library.clock.forward(days=1)
    write(ann, "the next day")
    assert counted(paper) == 11


def test_twenty_readers_commenting_at_once_count_twenty(site_library, paper, reader, in_parallel):
    readers = [reader(f"r{n}") for n in range(20)]
    now = site_library.clock()
    in_parallel([lambda who=who: comments.write(who, paper.pk, f"@r1 by {who}", now) for who in readers])
    assert Comment.objects.count() == counted(paper) == 20


def test_one_form_sent_twenty_times_at_once_is_one_comment(site_library, paper, reader, in_parallel):
    ann, now = reader("ann"), site_library.clock()
    in_parallel([lambda: comments.write(ann, paper.pk, "Thanks", now)] * 20)
    assert Comment.objects.count() == counted(paper) == 1


def test_deleting_twenty_times_at_once_counts_one_out(site_library, paper, write, reader, in_parallel):
    ann = reader("ann")
    write(ann, "stays")
    comment, now = write(ann, "goes"), site_library.clock()
    in_parallel([lambda: comments.delete(ann, comment.pk, now)] * 20)
    assert counted(paper) == 1


def test_a_discussion_costs_as_many_queries_however_long_it_is(paper, write, reader):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ann, bo = reader("ann"), reader("bo")
    Reader.objects.update(joined_at="2020-01-01T00:00Z")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            for node in comments.walk(comments.thread(paper.pk, bo)):
                assert node.comment.reader.username
                assert node.comment.parent is None or node.comment.parent.reader.username
        return len(queries)

    write(ann, "first")
    few = cost()
    for n in range(30):
        write(bo, f"reply {n}", write(ann, f"comment {n}"))
    assert cost() == few == 2
