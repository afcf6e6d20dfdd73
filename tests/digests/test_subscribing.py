"""Subscribing: one row and one mail an address, whoever asks how often; confirmed once; gone when left."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.conf import settings
from django.core import mail

from broadsheet.community import accounts, collecting
from broadsheet.community.errors import LimitReached
from broadsheet.community.export import export
from broadsheet.digests import feedback, links, subscribing, suppressing
from broadsheet.digests.addresses import LIMIT, read_address
from broadsheet.digests.confirming import send_due
from broadsheet.digests.errors import BadLink, DigestError
from broadsheet.digests.models import Alert, Feedback, Interest, SentPaper, Subscriber
from broadsheet.digests.outbox import BackendOutbox, Fate, NotTaken
from broadsheet.digests.subscribing import Wishes
from broadsheet.library.models import Paper
from outboxes import Out

DAY = timedelta(days=1)
ANN = "ann@example.org"


@pytest.fixture
def out() -> Out:
    return Out()


@pytest.fixture
def send(site_library, clock, out):
    """Let the worker send what is due; returns how many mails went out."""
    return lambda: send_due(clock(), lambda: out)


@pytest.fixture
def ask(site_library, clock):
    """Ask for a digest: ask("ann@example.org", size=5)."""

    def go(address: str = ANN, reader=None, network: str = "", **wishes) -> None:
        subscribing.ask(address, Wishes(**wishes), clock(), reader, network)

    return go


@pytest.fixture
def subscribed(ask, clock):
    """A confirmed subscriber: subscribed("ann@example.org", hour=9)."""

    def make(address: str = ANN, **wishes) -> Subscriber:
        ask(address, **wishes)
        return subscribing.confirm(Subscriber.objects.get(address=address), clock())

    return make


def interests(subscriber: Subscriber) -> list[tuple[str, str]]:
    return list(subscriber.interests.order_by("pk").values_list("kind", "value"))


# Asking


def test_an_address_alone_is_asked_to_confirm_and_gets_what_trends(ask, send, out, clock):
    ask(" Ann@Example.ORG ")
    row = Subscriber.objects.get()
    assert (row.address, row.confirmed_at, row.next_at, row.mailed_at) == (ANN, None, None, None)
    assert (row.rhythm, row.hour, row.size, interests(row)) == ("daily", 7, 10, [("trending", "")])
    assert send() == 1
    row.refresh_from_db()
    assert (row.mailed_at, out.taken[0].to) == (clock(), [ANN])


def test_an_address_gets_one_mail_a_day_however_often_it_is_asked_for(ask, send, out, clock):
    for hour in range(24):
        ask()
        ask("ANN@example.org")
        send()
        assert len(out.taken) == 1, hour
        clock.forward(hours=1)
    ask()
    assert (send(), len(out.taken)) == (1, 2)


def test_what_follows_a_plus_does_not_make_another_mailbox(ask, send, out, clock):
    for number in range(5):
        ask(f"ann+{number}@example.org")
    assert (send(), send()) == (1, 0)
    clock.forward(days=1)
    assert (send(), len(out.taken)) == (1, 2)


def test_a_mail_domain_gets_so_many_mails_a_day_and_the_others_wait(ask, send, clock, settings_of):
    settings_of(CONFIRMATIONS=3)
    for number in range(5):
        ask(f"reader-{number}@example.org")
        ask(f"reader-{number}@example{number}.net")
    assert send() == 3 + 5
    assert send() == 0
    clock.forward(days=1)
    assert send() == 2


def test_the_mail_holds_one_link_and_nothing_that_anybody_typed(ask, send, out):
    ask(interests=(("topic", "Buy <b>pills</b>"), ("search", "http://evil.example")), time_zone="Asia/Tokyo")
    send()
    (message,) = out.taken
    raw = message.message().as_string()
    html = message.alternatives[0][0]
    link = f"http://localhost:8000/d/confirm/{links.seal(Subscriber.objects.get(), 'confirm')}"
    assert (raw.count("http"), message.body.count(link), html.count("http"), html.count(link)) == (2, 1, 1, 1)
    for typed in ("pills", "evil", "Tokyo", "topic"):
        assert typed not in raw + message.body + html
    assert message.subject == "Confirm your subscription"
    assert "List-Unsubscribe" not in raw


def test_an_address_that_no_mail_can_name_keeps_nobody_else_waiting(ask, send, out):
    ask("bo@example.org")
    Subscriber.objects.update(address="bo@example.org, eve@example.org")  # as no door lets through
    ask()
    assert (send(), send(), [mail.to for mail in out.taken]) == (1, 0, [[ANN]])


def test_who_is_subscribed_is_told_so_once_a_day_and_nothing_changes(subscribed, ask, send, out, clock):
    row = subscribed(hour=9)
    for _ in range(3):
        ask(hour=3, size=20, interests=(("topic", "spam"),))
    assert send() == 1
    assert [message.subject for message in out.taken] == ["You are subscribed already"]
    assert "spam" not in out.taken[0].body
    ask()
    clock.forward(hours=23)
    ask()
    assert send() == 0
    clock.forward(hours=1)
    ask()
    assert send() == 1
    now_row = Subscriber.objects.get()
    assert (now_row.hour, now_row.size, now_row.next_at, interests(now_row)) == (9, 10, row.next_at, [("trending", "")])


def test_a_suppressed_address_gets_no_mail_and_no_row(ask, send, clock):
    suppressing.suppress(ANN, "asked", "", clock())
    ask("ANN@example.org")
    assert (send(), Subscriber.objects.count()) == (0, 0)


def test_an_address_suppressed_while_its_mail_waits_gets_none(ask, send, clock):
    ask()
    suppressing.suppress(ANN, "bounce", "", clock())
    assert (send(), Subscriber.objects.get().mail_at) == (0, None)


def test_suppressions_outlive_a_new_secret_key(site_library, clock, settings_of):
    suppressing.suppress(ANN, "bounce", "", clock())
    settings_of(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[str(settings.SECRET_KEY)])
    assert suppressing.suppressed([ANN, "bo@example.org"]) == {ANN}
    settings_of(SECRET_KEY_FALLBACKS=[])
    assert not suppressing.is_suppressed(ANN)


@pytest.mark.parametrize(
    "failure",
    [NotTaken("away", Fate.LATER, is_server=True), NotTaken("451 later", Fate.LATER)],
    ids=["server away", "later"],
)
def test_a_mail_server_that_fails_loses_no_sign_up(ask, clock, failure):
    ask()
    out = Out(failure)
    if failure.is_server:
        with pytest.raises(NotTaken):
            send_due(clock(), lambda: out)
    else:
        assert send_due(clock(), lambda: out) == 0
    assert Subscriber.objects.get().mailed_at is None
    clock.forward(minutes=10)
    assert (send_due(clock(), lambda: out), len(out.taken)) == (1, 1)


@pytest.mark.parametrize("fate", [Fate.NEVER, Fate.UNKNOWN])
def test_a_mail_refused_for_good_or_perhaps_taken_is_not_tried_again_by_itself(ask, clock, fate):
    ask()
    out = Out(NotTaken("said", fate))
    assert [send_due(clock(), lambda: out) for _ in range(3)] == [0, 0, 0]
    clock.forward(days=1)
    ask()
    assert send_due(clock(), lambda: out) == 1


def test_a_mail_refused_does_not_keep_the_others_waiting(ask, clock):
    ask("a@example.org")
    ask("b@example.org")
    out = Out(NotTaken("550 no", Fate.NEVER))
    assert send_due(clock(), lambda: out) == 1


def test_django_sends_the_mail_too(ask, clock, settings_of):
    settings_of(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    mail.outbox = []
    ask("ann@bücher.example")
    assert send_due(clock(), lambda: BackendOutbox(mail.get_connection())) == 1
    assert mail.outbox[0].message()["To"] == "ann@xn--bcher-kva.example"


def test_a_network_asks_ten_times_an_hour(ask):
    for number in range(10):
        ask(f"reader-{number}@example.org", network="192.0.2.1")
    with pytest.raises(LimitReached):
        ask("last@example.org", network="192.0.2.1")
    assert Subscriber.objects.count() == 10
    ask("last@example.org", network="192.0.2.2")


def test_fifty_askers_at_once_make_one_row_and_one_mail(ask, out, clock, in_parallel):
    in_parallel([lambda n=n: ask(ANN if n % 2 else ANN.upper(), size=5 + n % 10) for n in range(50)])
    assert Subscriber.objects.count() == 1
    in_parallel([lambda: send_due(clock(), lambda: out)] * 10)
    assert len(out.taken) == 1
    assert Interest.objects.count() == 1


# Addresses


@pytest.mark.parametrize(
    "text",
    ["", "ann", "@example.org", "ann@", "ann@localhost", "ann@example", "a b@example.org", "a@b@example.org",
     "=?utf-8?q?a=2cb?=@example.org",
     "ann@example.org\n", "ann@example.org\r\nBcc: x@example.org", "ann\0@example.org", "ann@example.org,bo@x.org",
     "ann@example.org;bo@example.org", "Ann <ann@example.org>", '"ann"@example.org', "änn@example.org",
     "ann\u202e@example.org", "ann@exam\u200dple.org", "ann@\u202eexample.org", "ann＠example.org", "ann@[127.0.0.1]",
     "ann@127.0.0.1", "ann@-example.org", "ann@example..org", ".ann@example.org", "ann.@example.org",
     "x" * 65 + "@example.org", "x@" + "a." * 130 + "org", "x" * 400, "ann@ex\tample.org", "ann(c)@example.org",
     "ann\\@example.org", "ann@example.org\u2028", "ann@xn--\ud800.org"],
)  # fmt: skip
def test_what_is_no_single_plain_address_is_refused(text):
    with pytest.raises(DigestError):
        read_address(text)


def test_an_address_has_one_form_however_it_is_typed():
    assert read_address("ANN@BÜCHER.example") == read_address("ann@xn--bcher-kva.example")
    assert read_address("o'neil+x@mail.example.org") == "o'neil+x@mail.example.org"
    long = f"{'x' * 64}@{'a' * 61}.{'b' * 61}.{'c' * 61}.org"
    assert len(read_address(long)) == len(long) <= LIMIT


# Wishes


@pytest.mark.parametrize(
    "wishes",
    [{"rhythm": "hourly"}, {"weekday": 7}, {"hour": 24}, {"hour": -1}, {"time_zone": "Mars/Base"},
     {"time_zone": "../../etc/passwd"}, {"size": 4}, {"size": 21}, {"interests": (("topic", ""),)},
     {"interests": (("search", '"open'),)}, {"interests": (("search", "after:yesterday"),)},
     {"interests": (("author", "---"),)}, {"interests": (("mood", "good"),)},
     {"interests": (("collection", "x" * 22),)}, {"interests": (("topic", "x" * 301),)},
     {"interests": (("topic", "a\0b"),)}, {"interests": (("topic", "a\u202eb"),)},
     {"interests": tuple(("topic", f"t{n}") for n in range(51))}],
)  # fmt: skip
def test_wishes_that_cannot_be_met_are_refused_and_leave_nothing_behind(ask, wishes):
    with pytest.raises(DigestError):
        ask(**wishes)
    assert not Subscriber.objects.exists()


def test_each_interest_is_kept_once_and_what_trends_if_there_is_none(ask, reader, clock):
    shelf = collecting.create(reader("bo"), "Shelf", clock(), visibility="link")
    wanted = (("topic", "cs.IR"), ("topic", " cs.IR "), ("search", "low rank after:2024"), ("author", "Lee, Ann"))
    ask(interests=(*wanted, ("collection", shelf.slug), ("trending", "anything")))
    kept = [*wanted[:1], *wanted[2:], ("collection", shelf.slug), ("trending", "")]
    assert interests(Subscriber.objects.get()) == kept
    ask("bo@example.net", interests=())
    assert interests(Subscriber.objects.get(address="bo@example.net")) == [("trending", "")]


def test_a_private_collection_is_its_readers_alone(ask, reader, clock):
    bo = reader("bo")
    shelf = collecting.create(bo, "Shelf", clock())
    with pytest.raises(DigestError):
        ask(interests=(("collection", shelf.slug),))
    ask(bo.email, bo, interests=(("collection", shelf.slug),))
    assert interests(bo.subscriber) == [("collection", shelf.slug)]


# Confirming


def test_confirming_begins_at_the_next_hour_asked_for(ask, clock):
    ask(time_zone="Europe/Berlin", hour=7, rhythm="weekdays")
    row = subscribing.confirm(Subscriber.objects.get(), clock())
    assert row.confirmed_at == clock()
    assert row.next_at == datetime(2026, 11, 23, 6, tzinfo=UTC)  # the clock stands at a Saturday


def test_fifty_confirmations_at_once_confirm_once(ask, in_parallel, clock):
    ask()
    row = Subscriber.objects.get()
    moments = [clock() + timedelta(days=n) for n in range(50)]
    in_parallel([lambda moment=moment: subscribing.confirm(row, moment) for moment in moments])
    row = Subscriber.objects.get()
    assert row.confirmed_at in moments
    assert row.next_at == datetime.combine(row.confirmed_at.date() + DAY, datetime.min.time(), UTC).replace(hour=7)


def test_confirming_again_changes_nothing(subscribed, clock):
    before = Subscriber.objects.filter(pk=subscribed().pk).values().get()
    clock.forward(days=3)
    subscribing.confirm(Subscriber.objects.get(), clock())
    assert Subscriber.objects.values().get() == before


def test_whoever_left_is_not_confirmed_by_an_old_link(subscribed, clock):
    row = subscribed()
    subscribing.leave(row, clock())
    for act in (
        lambda: subscribing.confirm(row, clock()),
        lambda: subscribing.change(row, Wishes(), clock()),
        lambda: subscribing.pause(row, None, clock()),
    ):
        with pytest.raises(DigestError):
            act()


def test_the_account_with_the_same_verified_address_holds_the_subscription(subscribed, reader):
    ann, _ = reader("ann"), reader("bo", is_verified=False)
    assert subscribed(ann.email).reader == ann
    assert subscribed("bo@example.org").reader is None


# Readers with an account


def test_a_readers_own_address_is_confirmed_at_once_and_any_other_is_asked(ask, send, reader, out):
    ann = reader("ann")
    ask(ann.email, ann)
    assert (ann.subscriber.confirmed_at is not None, send()) == (True, 0)
    ask("other@example.org", ann)
    other = Subscriber.objects.get(address="other@example.org")
    assert (other.reader, other.confirmed_at, send()) == (None, None, 1)


def test_an_address_that_is_not_verified_is_asked(ask, send, reader):
    new = reader("new", is_verified=False)
    ask(new.email, new)
    assert (Subscriber.objects.get().confirmed_at, send()) == (None, 1)


def test_a_subscription_made_before_the_account_is_taken_over(subscribed, ask, reader):
    subscribed("ann@example.org", hour=5)
    ann = reader("ann")
    assert subscribing.subscription(ann).reader is None
    ask(ann.email, ann, hour=9)
    assert (Subscriber.objects.count(), ann.subscriber.hour) == (1, 9)


def test_an_account_has_one_subscription_which_moves_with_its_address(ask, reader, clock):
    from allauth.account.models import EmailAddress

    ann = reader("ann")
    ask(ann.email, ann)
    EmailAddress.objects.create(user=ann, email="new@example.org", verified=True)
    ask("new@example.org", ann)
    old = Subscriber.objects.exclude(left_at=None).get()
    assert (old.left_because, Subscriber.objects.get(left_at=None).address) == ("moved", "new@example.org")
    assert subscribing.subscription(ann).address == "new@example.org"


def test_a_reader_is_told_that_mail_to_their_own_address_came_back(ask, reader, clock):
    ann = reader("ann")
    suppressing.suppress(ann.email, "bounce", "", clock())
    with pytest.raises(DigestError, match="came back"):
        ask(ann.email, ann)


def test_only_the_owner_of_an_address_can_link_its_subscription(subscribed, reader, clock):
    row, bo = subscribed("ann@example.org"), reader("bo")
    subscribing.link(row, bo, clock())
    assert (Subscriber.objects.get().reader, subscribing.subscription(bo)) == (None, None)
    ann = reader("ann")
    subscribing.link(row, ann, clock())
    assert Subscriber.objects.get().reader == ann


# Changing and pausing


def test_a_change_moves_the_next_issue_unless_it_is_due_already(subscribed, clock):
    row = subscribed(interests=(("topic", "cs.IR"),))
    changed = subscribing.change(row, Wishes(hour=15, rhythm="weekly", weekday=6, size=20), clock())
    assert changed.next_at == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert (changed.size, interests(row)) == (20, [("trending", "")])
    clock.now = changed.next_at
    assert subscribing.change(row, Wishes(hour=3), clock()).next_at == changed.next_at


def test_nothing_is_due_in_a_pause_where_the_subscriber_lives(subscribed, clock):
    row = subscribed(time_zone="Pacific/Auckland")
    paused = subscribing.pause(row, date(2026, 12, 24), clock())
    assert paused.next_at == datetime(2026, 12, 23, 18, tzinfo=UTC)
    changed = subscribing.change(row, Wishes(hour=0), clock())
    assert changed.next_at == datetime(2026, 12, 24, tzinfo=UTC)
    assert subscribing.pause(row, None, clock()).next_at == datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize("until", [date(2026, 11, 21), date(2026, 11, 1), date(2028, 1, 1), date.max, date.min])
def test_a_pause_ends_within_a_year(subscribed, clock, until):
    row = subscribed()
    with pytest.raises(DigestError):
        subscribing.pause(row, until, clock())


# Leaving


@pytest.fixture
def told(subscribed, site_library, record, clock):
    """A subscriber who said something of a paper and was sent one."""
    site_library.put([record("One", "2611.00001")])
    row, paper = subscribed(), Paper.objects.get()
    feedback.say(row, paper, True, clock())
    SentPaper.objects.create(subscriber=row, paper=paper, number=1, at=clock())
    return row


def test_leaving_forgets_address_wishes_and_words_and_may_be_done_twice(told, clock):
    for _ in range(2):
        subscribing.leave(told, clock())
        row = Subscriber.objects.get()
        assert (row.left_at, row.next_at, row.reader, row.left_because) == (clock(), None, None, "asked")
        assert "ann" not in str(Subscriber.objects.values().get())
        assert [model.objects.count() for model in (Interest, Feedback, SentPaper)] == [0, 0, 0]


def test_leaving_forgets_what_a_server_said_with_the_address_in_it(queued, clock):
    (delivery,) = queued(1)
    delivery.error = f"450 <{delivery.subscriber.address.upper()}> later"
    delivery.save()
    subscribing.leave(delivery.subscriber, clock())
    delivery.refresh_from_db()
    assert delivery.error == ""


def test_who_left_may_subscribe_again(told, ask, send, out, clock):
    subscribing.leave(told, clock())
    ask()
    assert send() == 1
    again = subscribing.confirm(Subscriber.objects.get(left_at=None), clock())
    assert (again.address, again.pk != told.pk) == (ANN, True)
    assert links.open_seal(links.seal(told, "leave"), "leave").left_at is not None


def test_leaving_and_confirming_at_once_end_in_having_left(ask, clock, in_parallel):
    def confirm(row):
        with suppress(DigestError):
            subscribing.confirm(row, clock())

    for number in range(5):
        ask(f"reader-{number}@example.org")
        row = Subscriber.objects.get(address=f"reader-{number}@example.org")
        in_parallel([partial(confirm, row), partial(subscribing.leave, row, clock())] * 5)
        row.refresh_from_db()
        assert (row.left_at is None, row.next_at) == (False, None)


def test_who_never_confirmed_is_forgotten_after_a_week_and_nobody_else(ask, subscribed, clock):
    subscribed("kept@example.org")
    ask("old@example.org")
    clock.forward(days=4)
    ask("new@example.org")
    clock.forward(days=4)
    assert subscribing.purge(clock()) == 1
    assert sorted(Subscriber.objects.values_list("address", flat=True)) == ["kept@example.org", "new@example.org"]
    assert subscribing.purge(clock()) == 0


def test_a_link_is_good_for_a_week_from_its_mail(ask, send, clock):
    ask()
    clock.forward(days=6)
    send()
    clock.forward(days=6)
    assert subscribing.purge(clock()) == 0


def test_nobody_is_forgotten_while_confirming(ask, clock, in_parallel):
    def confirm(row):
        with suppress(DigestError):
            confirmed.append(subscribing.confirm(row, late).address)

    confirmed, late = [], clock() + timedelta(days=8)
    for number in range(8):
        ask(f"reader-{number}@example.org")
        row = Subscriber.objects.get(address=f"reader-{number}@example.org")
        in_parallel([partial(confirm, row), partial(subscribing.purge, late)])
    assert sorted(Subscriber.objects.values_list("address", flat=True)) == sorted(confirmed)


# Feedback, export, the end of an account


def test_a_later_word_on_a_paper_takes_the_place_of_the_first(told, clock):
    feedback.say(told, Paper.objects.get(), False, clock())
    assert Feedback.objects.get().wants_more is False
    subscribing.leave(told, clock())
    with pytest.raises(DigestError):
        feedback.say(told, Paper.objects.get(), True, clock())


def test_an_export_holds_the_subscription_its_interests_words_and_alerts(told, reader, clock):
    ann = reader("ann")
    subscribing.link(told, ann, clock())
    alert = Alert.objects.create(
        reader=ann, key="k" * 22, secret="s" * 43, query="graphs", since=0, created_at=clock(), url="https://a.example"
    )
    alert.matches.create(paper=Paper.objects.get(), seq=1, at=clock(), next_at=clock())
    parts = export(ann, clock())
    assert [row["address"] for row in parts["subscription"]] == [ANN]
    assert parts["interests"] == [{"kind": "trending", "value": ""}]
    assert parts["paper_feedback"] == [{"paper": Paper.objects.get().key, "wants_more": True, "at": clock()}]
    assert [row["query"] for row in parts["alerts"]] == ["graphs"]
    assert len(parts["alert_matches"]) == len(parts["papers_sent"]) == 1
    assert not any(secret in str(parts) for secret in (alert.key, alert.secret, told.key))


@pytest.mark.parametrize("is_linked", [True, False])
def test_the_end_of_an_account_ends_its_subscription(told, subscribed, reader, clock, site_library, is_linked):
    subscribed("bo@example.org")
    ann = reader("ann")
    if is_linked:
        subscribing.link(told, ann, clock())
    assert len(export(ann, clock())["subscription"]) == 1
    token = links.seal(told, "leave")
    accounts.leave(ann, False, clock())
    assert [model.objects.count() for model in (Subscriber, Interest, Feedback, SentPaper)] == [1, 1, 0, 0]
    with pytest.raises(BadLink):
        links.open_seal(token, "leave")
