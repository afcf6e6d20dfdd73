"""Whoever was told of a paper is not told again because an editor made it one with another, nor loses it by that."""

from datetime import timedelta

import pytest

from broadsheet.digests import alerts, composing, feedback, matching, telling
from broadsheet.digests.issuing import queue_due
from broadsheet.digests.models import AlertMatch, Delivery
from broadsheet.digests.past import last_issues
from broadsheet.library.models import Paper

KEPT, OTHER, THIRD = "2611.00001", "10.1145/7", "acl:P18-1001"


@pytest.fixture
def put(site_library, record):
    """Put a paper of today's list under its key: put(OTHER, "A title")."""

    def put(key, title, source="", abstract="One. Two. Three.", days=0):
        day = site_library.today() - timedelta(days=days)
        source = source or f"source of {key}"
        site_library.put([record(title, key, source=source, announced=day, topics=("cs.IR",), abstract=abstract)])

    return put


@pytest.fixture
def ann(interested):
    return interested(("topic", "cs.IR"))


@pytest.fixture
def mailed(site_library, clock):
    """The keys of the papers in the mail that is queued now, which is then sent; none if there is no mail."""

    def send():
        if not queue_due(site_library, clock()):
            clock.forward(days=1)
            return set()
        delivery = Delivery.objects.latest("pk")
        Delivery.objects.update(state=Delivery.State.SENT)
        clock.forward(days=1)
        return set(Paper.objects.filter(pk__in=[row["paper"] for row in delivery.papers]).values_list("key", flat=True))

    return send


def number_of(key):
    return Paper.objects.get(key=key).pk


def test_who_was_sent_a_part_is_not_sent_the_whole(site_library, put, ann, mailed):
    put(OTHER, "Foresight for caches")
    assert mailed() == {OTHER}
    put(KEPT, "Paging with predictions")
    site_library.merge(KEPT, OTHER)
    assert mailed() == set()


def test_nor_what_the_part_of_a_part_was(site_library, put, ann, mailed):
    put(OTHER, "Foresight for caches")
    assert mailed() == {OTHER}
    put(THIRD, "Caches that look ahead")
    put(KEPT, "Paging with predictions")
    site_library.merge(THIRD, OTHER)
    site_library.merge(KEPT, THIRD)
    assert mailed() == set()


def test_nor_a_part_sent_long_ago(site_library, put, ann, mailed, clock):
    put(OTHER, "Foresight for caches")
    assert mailed() == {OTHER}
    clock.forward(days=40)
    put(KEPT, "Paging with predictions")
    site_library.merge(KEPT, OTHER)
    assert mailed() == set()


def test_who_was_sent_the_kept_paper_is_not_sent_it_for_the_words_of_the_other(site_library, put, ann, mailed):
    put(KEPT, "Paging with predictions", source="acm")
    assert mailed() == {KEPT}
    put(OTHER, "Foresight for caches", source="openalex", abstract="Other. Words. Altogether.")
    site_library.merge(KEPT, OTHER)
    shown = site_library.find(KEPT)
    assert (shown.number, shown.title) == (2, "Foresight for caches")
    assert mailed() == set()


def test_what_the_authors_revise_later_is_news_to_who_was_sent_a_part(site_library, put, ann, mailed):
    put(OTHER, "Foresight for caches")
    assert mailed() == {OTHER}
    put(KEPT, "Paging with predictions", source="acm")
    site_library.merge(KEPT, OTHER)
    put(KEPT, "Paging with predictions", source="acm", abstract="Not. One. Word is what it was.")
    put(OTHER, "Foresight for caches", abstract="Not. One. Word is what it was.")
    assert mailed() == {KEPT}
    assert "revised: the abstract changed" in Delivery.objects.latest("pk").papers[0]["reason"]


def test_taken_apart_each_is_as_sent_as_it_was(site_library, put, ann, mailed):
    put(OTHER, "Foresight for caches")
    assert mailed() == {OTHER}
    put(KEPT, "Paging with predictions")
    site_library.merge(KEPT, OTHER)
    assert mailed() == set()
    site_library.split(KEPT, [OTHER])
    assert mailed() == {KEPT}
    assert mailed() == set()


def test_a_merge_taken_back_is_no_revision(site_library, put, ann, mailed):
    put(KEPT, "Paging with predictions", source="acm")
    assert mailed() == {KEPT}
    put(OTHER, "Foresight for caches", source="openalex", abstract="Other. Words. Altogether.")
    site_library.merge(KEPT, OTHER)
    site_library.split(KEPT, [OTHER])
    assert mailed() == {OTHER}


def test_a_mail_that_waits_tells_of_the_whole_once(site_library, put, ann, clock):
    put(OTHER, "Foresight for caches")
    put(KEPT, "Paging with predictions")
    put(THIRD, "Trees")
    queue_due(site_library, clock())
    site_library.merge(KEPT, OTHER)
    site_library.withdraw(THIRD)
    delivery = Delivery.objects.select_related("issue", "subscriber").get()
    letter = composing.compose([delivery])(delivery)
    assert letter is not None
    assert (letter.body.count("Paging with predictions"), letter.body.count("More like this:")) == (1, 1)
    assert f"/papers/{KEPT}" in letter.body
    assert f"/{number_of(KEPT)}" in letter.body
    assert OTHER not in letter.body
    assert [sent.version.paper.key for sent in last_issues(ann)] == [KEPT]


def test_a_word_on_a_part_is_one_on_the_whole_and_the_later_one_counts(site_library, put, ann, clock):
    from broadsheet.digests.tastes import Tastes

    put(OTHER, "Foresight for caches")
    put(KEPT, "Paging with predictions")
    kept, other = Paper.objects.get(key=KEPT), Paper.objects.get(key=OTHER)
    feedback.say(ann, kept, False, clock())
    clock.forward(minutes=1)
    feedback.say(ann, other, True, clock())
    site_library.merge(KEPT, OTHER)
    taste = Tastes(site_library.alias, "", site_library.today()).read([ann])[ann.pk]
    assert [known.paper for known, _ in taste.liked] == [kept.pk]
    assert taste.disliked == []


@pytest.fixture
def matched(site_library, clock):
    """Follow the journal, and say which alerts matched which papers."""

    def match():
        matching.follow(site_library, clock(), matching.Watched())
        return sorted(AlertMatch.objects.values_list("paper__key", "state"))

    return match


def test_an_alert_tells_of_a_part_or_of_the_whole_never_of_both(site_library, put, alert, matched, clock):
    made = alert("caches", means="feed")
    put(KEPT, "Paging with predictions", source="acm")
    put(OTHER, "Foresight for caches", source="openalex")
    assert matched() == [(OTHER, "told")]
    site_library.merge(KEPT, OTHER)
    assert site_library.find(KEPT).title == "Foresight for caches"
    assert matched() == [(OTHER, "told")]
    shown = alerts.matched(made, site_library.today(), 10)
    assert [version.paper.key for _, version in shown] == [KEPT]
    site_library.split(KEPT, [OTHER])
    assert matched() == [(OTHER, "told")]
    assert [version.paper.key for _, version in alerts.matched(made, site_library.today(), 10)] == [OTHER]


def test_what_an_alert_has_yet_to_tell_is_told_of_the_whole(site_library, put, alert, matched, clock):
    made = alert("caches", means="webhook")
    put(OTHER, "Foresight for caches", source="acm")
    put(KEPT, "Paging with predictions", source="openalex")
    matched()
    site_library.merge(KEPT, OTHER)
    message = telling.claim(made.pk, clock())
    assert message is not None
    assert message.papers == (number_of(KEPT),)
    assert matched() == [(KEPT, "sending")]


def test_what_waits_for_both_is_told_once(site_library, put, alert, matched, clock):
    made = alert("caches", means="webhook")
    put(OTHER, "Foresight for caches")
    put(KEPT, "Caches with predictions")
    matched()
    site_library.merge(KEPT, OTHER)
    message = telling.claim(made.pk, clock())
    assert message is not None
    assert message.papers == (number_of(KEPT),)
    assert matched() == [(OTHER, "failed"), (KEPT, "sending")]


def test_texts_are_told_by_their_numbers_however_many_merges_came(site_library, put, ann, mailed):
    put(KEPT, "Paging with predictions", source="acm")
    assert mailed() == {KEPT}
    for key, source, title in ((OTHER, "openalex", "Foresight"), (THIRD, "crossref", "Caches that look ahead")):
        put(key, title, source=source, abstract=f"{title}. Other. Words. Altogether.")
        site_library.merge(KEPT, key)
    assert mailed() == set()
    assert site_library.find(KEPT).number == 3
