"""What matched is told: one mail for many papers, signed posts, each once, and nothing where it must not go."""

import json
import signal
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from threading import Lock

import alert_worker
import pytest
from aiosmtpd.controller import Controller

from broadsheet.community.models import Reader
from broadsheet.digests import alerts, hooks, telling
from broadsheet.digests.matching import Watched, follow
from broadsheet.digests.models import Alert, AlertMatch
from broadsheet.digests.outbox import Fate, NotTaken
from broadsheet.digests.suppressing import suppress
from broadsheet.digests.telling import BACK_OFF, FAILS_FOR, FRESH_FOR, MAIL_EVERY, STALE_MAIL, STALE_POST
from broadsheet.sources import FetchError, HostError

State = AlertMatch.State
SECOND = timedelta(seconds=1)


class Out:
    """An outbox in memory that fails as a test says; it keeps the bytes of each mail."""

    def __init__(self, *failures: NotTaken) -> None:
        self.failures = list(failures)
        self.taken: list[bytes] = []
        self.turn = Lock()

    def hand_over(self, mail) -> None:
        with self.turn:
            if self.failures:
                raise self.failures.pop(0)
            self.taken.append(mail.message().as_bytes())

    def close(self) -> None:
        pass

    @property
    def mails(self):
        return [message_from_bytes(raw, policy=policy.default) for raw in self.taken]


class Receiver:
    """A receiver of posts in memory, of whose answers a test says which; it keeps all that came."""

    def __init__(self, *answers: FetchError | None) -> None:
        self.answers = list(answers)
        self.posts: list[tuple[str, bytes, dict[str, str]]] = []
        self.turn = Lock()

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        with self.turn:
            self.posts.append((url, body, headers))
            answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer

    @property
    def papers(self) -> list[list[str]]:
        return [[paper["id"] for paper in json.loads(body)["papers"]] for _, body, _ in self.posts]

    @property
    def names(self) -> list[str]:
        return [headers["Webhook-Id"] for _, _, headers in self.posts]


@pytest.fixture
def land(site_library, record, clock) -> Callable[..., list[str]]:
    """Let papers with these titles land and be matched; their keys."""
    made = iter(range(1, 10_000))

    def put(*titles: str, **fields) -> list[str]:
        numbers = [f"2611.{next(made):05}" for _ in titles]
        placed = site_library.put(record(*each, **fields) for each in zip(titles, numbers, strict=True))
        follow(site_library, clock(), Watched())
        return [each.key for each in placed]

    return put


@pytest.fixture
def mail(clock) -> Callable[..., int]:
    return lambda out: telling.mail_pending(clock(), lambda: out)


@pytest.fixture
def post(clock) -> Callable[..., int]:
    return lambda receiver: telling.post_pending(clock(), receiver)


def states() -> list[str]:
    return sorted(AlertMatch.objects.values_list("state", flat=True))


# By mail


def test_papers_of_one_alert_come_in_one_mail(alert, land, mail):
    alert("caching")
    keys = land(
        "Caching in $O(n)$ steps", "Caching with trees", authors=["Ann Lee"], abstract="It is <fast>. And so on."
    )
    out = Out()
    assert mail(out) == 1
    assert mail(out) == 0
    [one] = out.mails
    assert (one["To"], one["Subject"]) == ("ann@example.org", "2 new papers: caching")
    text = one.get_body(("plain",)).get_content()
    page = one.get_body(("html",)).get_content()
    for key in keys:
        assert f"/papers/{key}" in text
        assert f"/papers/{key}" in page
    assert "Caching in O(n) steps" in text
    assert "It is <fast>." in text
    assert "It is &lt;fast&gt;." in page
    assert states() == [State.TOLD] * 2


def test_a_mail_names_twenty_papers_and_counts_the_others(alert, land, mail):
    alert("caching")
    land(*(f"Caching {n}" for n in range(50)))
    out = Out()
    mail(out)
    [text] = [one.get_body(("plain",)).get_content() for one in out.mails]
    assert text.count("/papers/") == 20
    assert "And 30 more papers, which the feed of this alert has" in text
    assert states() == [State.TOLD] * 50


def test_the_link_that_stops_an_alert_stands_whole_in_the_header_and_stops_it_alone(alert, land, mail, clock):
    one, other = alert("caching"), alert("caching trees")
    land("Caching")
    out = Out()
    mail(out)
    [raw] = out.taken
    [link] = [line for line in raw.split(b"\r\n") if line.startswith(b"List-Unsubscribe: ")]
    assert link.startswith(b"List-Unsubscribe: <http") and link.endswith(b">")
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    token = link.decode().rpartition("/")[2].removesuffix(">")
    assert alerts.open_seal(token) == one != other


def test_the_next_mail_of_an_alert_comes_after_a_rest_with_all_that_came_meanwhile(alert, land, mail, clock):
    alert("caching")
    land("Caching 1")
    mail(out := Out())
    for n in range(2, 5):
        clock.forward(seconds=30)
        land(f"Caching {n}")
        assert mail(out) == 0
    clock.forward(seconds=MAIL_EVERY.total_seconds())
    assert mail(out) == 1
    assert [one["Subject"] for one in out.mails] == ["1 new paper: caching", "3 new papers: caching"]


@pytest.mark.parametrize("query", ['"caching\r\nBcc: eve@example.org"', "caching\x0bX:\x0c1", "caching \u2028Bcc: x"])
def test_no_query_makes_a_header(alert, land, mail, query):
    alert(query)
    Alert.objects.update(query=query)  # as if it had been saved as typed
    land(query.strip('"'))
    out = Out()
    assert mail(out) == 1
    [raw], [one] = out.taken, out.mails
    assert (one["Bcc"], one["X"]) == (None, None)
    assert raw.count(b"\r\nSubject: ") == 1


def test_whose_address_is_not_shown_to_be_theirs_gets_no_mail(alert, land, mail, clock, site_library):
    from allauth.account.models import EmailAddress

    for name in ("unverified", "limited", "closed", "moved", "suppressed", "fine"):
        alert("caching", of=name)
    EmailAddress.objects.filter(user__username="unverified").update(verified=False)
    Reader.objects.filter(username="limited").update(is_limited=True)
    Reader.objects.filter(username="moved").update(email="elsewhere@example.org")
    suppress("suppressed@example.org", "bounce", "", clock())
    land("Caching")
    Reader.objects.filter(username="closed").update(is_active=False)
    out = Out()
    assert mail(out) == 1
    assert [one["To"] for one in out.mails] == ["fine@example.org"]
    assert states() == [State.FAILED] * 5 + [State.TOLD]
    told = dict(Alert.objects.values_list("reader__username", "error"))
    assert told["limited"] == told["fine"] == ""
    assert "not confirmed" in told["unverified"]
    assert "came back" in told["suppressed"]


def test_a_mail_that_may_come_later_is_tried_again_with_the_same_papers_and_name_and_given_up_in_the_end(
    alert, land, mail, clock
):
    alert("caching")
    land("Caching 1")
    waits = []
    for _ in BACK_OFF:
        mail(Out(NotTaken("451 busy", Fate.LATER)))
        waits.append(AlertMatch.objects.order_by("pk").first().next_at - clock())
        land(f"Caching {len(waits) + 1}")
        clock.now += waits[-1]
    assert waits == list(BACK_OFF)
    [first, *others] = AlertMatch.objects.order_by("pk")
    assert {other.message for other in others} == {""}
    mail(Out(NotTaken("451 busy", Fate.LATER)))
    first.refresh_from_db()
    assert (first.state, first.error) == (State.FAILED, "451 busy; tried 6 times")
    clock.now += MAIL_EVERY
    mail(out := Out())
    assert [one["Subject"] for one in out.mails] == ["5 new papers: caching"]


def test_a_server_that_is_away_costs_no_attempt_and_is_told_to_the_worker(alert, land, mail, clock):
    alert("caching")
    land("Caching")
    for _ in range(20):
        with pytest.raises(NotTaken):
            mail(Out(NotTaken("no connection", Fate.LATER, is_server=True)))
        clock.forward(minutes=2)
    assert AlertMatch.objects.get().attempts == 0
    assert mail(Out()) == 1


def test_a_mail_of_which_nobody_knows_is_unknown_and_never_sent_again(alert, land, mail, clock):
    alert("caching")
    land("Caching")
    mail(Out(NotTaken("the connection broke", Fate.UNKNOWN)))
    clock.forward(days=1)
    assert mail(Out()) == 0
    assert states() == [State.UNKNOWN]


def test_an_address_that_is_refused_for_good_stops_the_alert_and_says_why(alert, land, mail):
    one = alert("caching")
    land("Caching")
    mail(Out(NotTaken("550 5.1.1 nobody here", Fate.NEVER, is_address=True)))
    one.refresh_from_db()
    assert one.stopped_at
    assert "nobody here" in one.error


def test_what_was_withdrawn_before_it_is_told_is_left_out(alert, land, mail, site_library):
    alert("caching")
    first, second = land("Caching 1", "Caching 2")
    site_library.withdraw(first)
    mail(out := Out())
    [one] = out.mails
    assert one["Subject"] == "1 new paper: caching"
    assert first not in one.as_string()
    site_library.withdraw(second)


def test_a_paper_of_a_day_to_come_is_told_on_that_day(alert, land, mail, clock):
    alert("caching")
    land("Caching", announced=(clock() + timedelta(days=20)).date())
    assert mail(Out()) == 0
    clock.forward(days=20)
    assert mail(Out()) == 1


def test_what_waited_too_long_is_not_told(alert, land, mail, clock):
    alert("caching")
    land("Caching")
    clock.now += FRESH_FOR + timedelta(days=1)
    assert mail(Out()) == 0
    assert states() == [State.FAILED]


def test_many_workers_at_once_send_each_mail_once(alert, land, mail, in_parallel):
    for n in range(20):
        alert("caching", of=f"reader-{n}")
    land(*(f"Caching {n}" for n in range(10)))
    out = Out()
    in_parallel([lambda: [mail(out) for _ in range(3)]] * 4)
    assert sorted(one["To"] for one in out.mails) == sorted(f"reader-{n}@example.org" for n in range(20))
    assert {one["Subject"] for one in out.mails} == {"10 new papers: caching"}


# By post


def test_a_post_holds_the_papers_and_a_signature_that_its_receiver_can_check(alert, land, post, clock):
    one = alert("caching", means="webhook")
    [key] = land("Caching $x$", authors=["Ann Lee", "Bo Chen"], abstract="Fast.")
    receiver = Receiver()
    assert post(receiver) == 1
    [(url, body, headers)] = receiver.posts
    told = json.loads(body)
    assert (url, told["alert"], told["query"]) == ("https://hooks.example/in", one.pk, "caching")
    [paper] = told["papers"]
    assert paper == {
        "id": key,
        "title": "Caching $x$",
        "url": f"http://localhost:8000/papers/{key}",
        "authors": ["Ann Lee", "Bo Chen"],
        "abstract": "Fast.",
    }
    assert headers["Webhook-Timestamp"] == str(int(clock().timestamp()))
    signed = hooks.sign(one.secret, headers["Webhook-Id"], headers["Webhook-Timestamp"], body)
    assert headers["Webhook-Signature"] == signed
    assert hooks.sign(alerts.new_secret(), headers["Webhook-Id"], headers["Webhook-Timestamp"], body) != signed
    assert states() == [State.TOLD]


def test_a_post_that_fails_is_tried_again_under_its_name_and_given_up_in_the_end(alert, land, post, clock):
    one = alert("caching", means="webhook")
    land("Caching 1", "Caching 2")
    receiver = Receiver(*(FetchError("x", status=500) for _ in range(6)))
    waits = []
    for _ in BACK_OFF:
        assert post(receiver) == 0
        assert post(receiver) == 0
        waits.append(AlertMatch.objects.first().next_at - clock())
        clock.now += waits[-1]
    assert waits == list(BACK_OFF)
    post(receiver)
    assert (len(receiver.posts), len(set(receiver.names)), states()) == (6, 1, [State.FAILED] * 2)
    one.refresh_from_db()
    assert one.error == "the receiver answered 500 Internal Server Error"
    assert one.stopped_at is None
    land("Caching 3")
    assert post(receiver) == 1
    one.refresh_from_db()
    assert (one.error, one.failing_since, len(set(receiver.names))) == ("", None, 2)


def test_what_comes_while_a_post_waits_to_be_tried_again_waits_with_it(alert, land, post, clock):
    alert("caching", means="webhook")
    [first] = land("Caching 1")
    post(receiver := Receiver(FetchError("x", status=503)))
    second, third = land("Caching 2", "Caching 3")
    assert post(receiver) == 0
    clock.now += BACK_OFF[0]
    assert (post(receiver), post(receiver)) == (1, 1)
    assert receiver.papers == [[first], [first], [second, third]]


def test_an_alert_is_stopped_after_a_week_of_failures(alert, land, post, clock):
    one = alert("caching", means="webhook")
    begun = clock()
    n = 0
    while one.stopped_at is None:
        n += 1
        land(f"Caching {n}")
        post(Receiver(HostError("the host leads to 10.0.0.7, which is not a public address")))
        clock.forward(hours=6)
        one.refresh_from_db()
        assert clock() - begun < 2 * FAILS_FOR
    assert clock() - begun > FAILS_FOR
    assert one.error == "nothing got through for 7 days: the host cannot be found, or is not on the public web"
    assert set(states()) == {State.FAILED}


def test_a_receiver_that_is_gone_wants_no_more(alert, land, post):
    one = alert("caching", means="webhook")
    land("Caching")
    post(Receiver(FetchError("x", status=410)))
    one.refresh_from_db()
    assert one.stopped_at
    assert "410 Gone" in one.error


def test_many_papers_are_posted_by_twenties(alert, land, post):
    alert("caching", means="webhook")
    keys = land(*(f"Caching {n}" for n in range(50)))
    receiver = Receiver()
    while post(receiver):
        pass
    assert list(map(len, receiver.papers)) == [20, 20, 10]
    assert [key for papers in receiver.papers for key in papers] == keys


def test_no_host_is_told_by_several_posts_at_once_and_no_reader_takes_all_turns(alert, land, clock):
    for n in range(10):
        alert("caching", means="webhook", url=f"https://many-{n}.example/")
    alert("caching", means="webhook", of="bo", url="https://one.example/1")
    alert("caching", means="webhook", of="bo", url="https://ONE.example/2")
    land("Caching")
    asked = []
    while (receiver := Receiver()) and telling.post_pending(clock(), receiver):
        asked.append([url for url, _, _ in receiver.posts])
    assert list(map(len, asked)) == [5, 5, 2]
    assert [url for urls in asked for url in urls if "one" in url.lower()] == [
        "https://one.example/1",
        "https://ONE.example/2",
    ]


def test_many_workers_at_once_post_everything_once(alert, land, post, in_parallel):
    for n in range(12):
        alert("caching", means="webhook", of=f"reader-{n}", url=f"https://host-{n}.example/")
    land(*(f"Caching {n}" for n in range(5)))
    receiver = Receiver()
    in_parallel([lambda: [post(receiver) for _ in range(4)]] * 4)
    assert sorted(url for url, _, _ in receiver.posts) == sorted(f"https://host-{n}.example/" for n in range(12))
    assert set(map(len, receiver.papers)) == {5}


def test_a_worker_that_ended_while_it_posted_leaves_the_post_to_the_next(alert, land, post, clock):
    one = alert("caching", means="webhook")
    [key] = land("Caching")
    lost = telling.claim(one.pk, clock())
    receiver = Receiver()
    assert post(receiver) == 0
    clock.now += STALE_POST + SECOND
    assert post(receiver) == 1
    assert (receiver.papers, receiver.names) == ([[key]], [lost.name])


def test_a_worker_that_was_given_up_changes_nothing_when_it_comes_back(alert, land, post, clock):
    one = alert("caching", means="webhook")
    land("Caching")
    late = telling.claim(one.pk, clock())
    clock.now += STALE_POST + SECOND
    post(Receiver(FetchError("x", status=500)))
    telling._settle(late, State.TOLD)
    clock.now += BACK_OFF[0] + BACK_OFF[1]
    again = telling.claim(one.pk, clock())
    telling._settle(late, State.TOLD)
    assert states() == [State.SENDING]
    assert again.name == late.name


def test_a_stopped_alert_tells_nothing_of_what_waited(alert, land, post, mail, clock):
    for one in (alert("caching", means="webhook"), alert("caching")):
        land(f"Caching {one.pk}")
        alerts.stop(one, clock())
    assert (post(Receiver()), mail(Out())) == (0, 0)
    assert set(states()) == {State.FAILED}


def test_posts_go_through_the_guard(alert, land, post, clock):
    """No stand-in: the address is one of this machine, and nothing listens or is asked."""
    one = alert("caching", means="webhook", url="http://localhost/in")
    land("Caching")
    assert telling.post_pending(clock()) == 0
    one.refresh_from_db()
    assert one.error == "the host cannot be found, or is not on the public web"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HostError("http://a.example/: the host a.example leads to 10.0.0.7"), "not on the public web"),
        (HostError("http://a.example/: the host a.example cannot be found"), "not on the public web"),
        (
            FetchError("http://a.example/: it took longer than 10 seconds in all"),
            "it took longer than 10 seconds in all",
        ),
        (FetchError("x", status=302), "the receiver answered 302 Found"),
    ],
)
def test_a_reader_learns_why_nothing_gets_through_and_nothing_of_inner_networks(answer, said):
    refusal = hooks.send("http://a.example/", b"", {}, Receiver(answer))
    assert said in refusal.reason
    assert "10.0.0" not in refusal.reason


# Workers that die


class Taken:
    """A mail server that keeps what it took."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(envelope.content)
        return "250 taken"


SURE = ("before the claim", "after it is settled")


@pytest.mark.parametrize("step", alert_worker.TELLING)
def test_a_worker_killed_at_any_step_repeats_no_mail_and_loses_none_unnoticed(
    alert, land, mail, clock, database_url, unused_port, parting, step
):
    alert("caching")
    land("Caching 1", "Caching 2")
    taken = Taken()
    controller = Controller(taken, hostname="127.0.0.1", port=unused_port)
    controller.start()
    worker = parting.Process(target=alert_worker.mail_until, args=(database_url, unused_port, clock(), step))
    worker.start()
    worker.join(60)
    controller.stop()
    assert worker.exitcode == -signal.SIGKILL
    clock.now += STALE_MAIL + SECOND
    mail(out := Out())
    total = len(taken.mails) + len(out.taken)
    if step in SURE:
        assert (total, states()) == (1, [State.TOLD] * 2)
    else:
        assert total <= 1
        assert states() == [State.UNKNOWN] * 2
