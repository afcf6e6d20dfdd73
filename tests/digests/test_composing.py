"""The mail of an issue: what it says, and that no text of others can break it."""

import re
from email import message_from_bytes
from email.policy import default as parsing

import pytest

from broadsheet.digests import blocks, composing, issuing, links, past
from broadsheet.digests.errors import DigestError
from broadsheet.digests.letter import Letter
from broadsheet.digests.models import Delivery
from broadsheet.library.models import Version


def written(delivery: Delivery) -> Letter | None:
    """The mail of a delivery, from what is read now."""
    return composing.compose([delivery])(delivery)


on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what a letter makes of texts once they were read."""


@pytest.fixture
def mailed(site_library, clock):
    """The mail of everybody's first queued delivery, as written and as parsed."""

    def mail(**fields: object) -> tuple[Letter, "EmailMessage"]:  # noqa: F821
        issuing.queue_due(site_library, clock())
        letter = written(Delivery.objects.select_related("subscriber", "issue").earliest("pk"))
        assert letter is not None
        return letter, message_from_bytes(letter.message().as_bytes(), policy=parsing)

    return mail


def test_a_mail_says_what_is_in_it_why_and_how_to_end_it(listed, interested, mailed, settings_of):
    settings_of(SITE="https://papers.example.org", CONTACT="library@example.org")
    abstract = "We rank $O(n^2)$ papers. It works. A third sentence."
    names = [f"Author {n}" for n in range(8)]
    (paper,) = listed("Neural ranking", abstract=abstract, topics=("cs.IR",), authors=names)
    listed("Another", topics=("cs.IR",))
    ann = interested(("topic", "cs.IR"), ("search", "ranking <b>"), hour=7, time_zone="Europe/Berlin")
    letter, parsed = mailed()
    assert parsed["Subject"] == "Neural ranking and 1 more"
    assert parsed["To"] == "ann@example.org"
    assert parsed["List-Id"] == "Broadsheet <digest.papers.example.org>"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["Message-ID"] == Delivery.objects.get().message_id
    assert "multipart/alternative" in parsed["Content-Type"]
    text, page = (part.get_content() for part in parsed.iter_parts())
    assert (text.split(), page.split()) == (letter.body.split(), letter.html.split())
    address = f"https://papers.example.org/papers/{paper.key}"
    wanted = ["Neural ranking", "Author 5 and 2 more", "topic cs.IR", "We rank O(n²) papers. It works.", address]
    wanted += [
        f"https://papers.example.org/d/{act}/{links.seal(ann, act, paper.pk)}/{paper.pk}"
        for act in ("vote", "save", "more", "less")
    ]
    wanted += [f"https://papers.example.org/d/{act}/{links.seal(ann, act)}" for act in ("change", "leave", "feed")]
    wanted += [
        "Saturday 21 November 2026 · 2 papers for you",
        "every day at 07:00 (Europe/Berlin)",
        "library@example.org",
    ]
    for part in wanted:
        assert part in " ".join(text.split())
        assert part in page
    assert "third sentence" not in text + page
    assert "ranking <b>" in text
    assert "ranking &lt;b&gt;" in page


def test_the_way_to_leave_stands_raw_on_one_line_and_no_line_is_too_long(listed, interested, mailed, settings_of):
    settings_of(SITE=f"https://{'long-' * 11}name.{'sub.' * 20}example.org", CONTACT="c" * 300)
    listed("語" * 600, "T" * 1_900, abstract="word" * 9_000, topics=("cs.IR",), authors=["N" * 400] * 9)
    interested(("topic", "cs.IR"))
    letter, _ = mailed()
    raw = letter.message().as_bytes()
    found = re.findall(rb"^List-Unsubscribe: <(https://[^\s<>?=]+)>\r?$", raw, re.M)
    assert len(found) == 1
    assert b"=?" not in found[0]
    assert max(map(len, raw.split(b"\n"))) <= 998
    assert raw.isascii()


@on_one_database
@pytest.mark.parametrize("text", ["&" * 1_900, '<"' * 900, "語 " * 900, "\U0001f600" * 900, "word " * 380, "=" * 1_900])
def test_twenty_papers_of_the_longest_texts_weigh_less_than_what_is_cut_off(text, listed, interested, mailed):
    topics, authors = ("cs.IR",), [text[:400]] * 20
    listed(*(f"{n} {text}" for n in range(30)), abstract=text * 20, topics=topics, authors=authors)
    interested(("topic", "cs.IR"), ("search", ("longest " * 37).strip()), size=20)
    letter, _ = mailed()
    assert len(Delivery.objects.get().papers) == 20
    assert len(letter.message().as_bytes()) <= 100_000
    assert letter.html.count("More like this") == 20


def test_what_does_not_fit_at_all_is_left_to_the_feed(listed, interested, mailed, monkeypatch):
    listed(*(f"Paper {n}" for n in range(20)), abstract="Two words. " * 30, topics=("cs.IR",))
    interested(("topic", "cs.IR"), size=20)
    monkeypatch.setattr(composing, "HEAVIEST", 26_000)
    letter, _ = mailed()
    assert letter.weight <= 26_000
    assert 0 < letter.html.count("More like this") < 20
    assert "more papers of this issue: http" in letter.body


HOSTILE = [
    "a\r\nBcc: eve@example.org",
    "a\nSubject: b",
    "\u2028Bcc: eve@example.org",
    "=?utf-8?q?=0D=0ABcc:_e?=",
    "x\x0bBcc: e",
]


@on_one_database
@pytest.mark.parametrize("text", HOSTILE)
def test_no_title_adds_a_header(text, listed, interested, mailed):
    listed(text, topics=("cs.IR",), authors=[text])
    interested(("topic", "cs.IR"))
    _, parsed = mailed()
    assert parsed["Bcc"] is None
    assert len(parsed.get_all("Subject")) == 1
    assert parsed.get_all("To") == ["ann@example.org"]


def test_markup_in_papers_and_reasons_is_text(listed, interested, mailed, reader, clock, site_library):
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    listed(nasty, abstract=nasty, topics=(nasty[:50],), authors=[nasty])
    interested(("topic", nasty[:50]), ("search", '"alert(1)"'))
    letter, _ = mailed()
    assert "<script" not in letter.html
    assert "<img" not in letter.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in letter.html


def test_no_text_is_taken_for_the_place_of_a_link(listed, interested, mailed):
    title = "vote papers 0reason0 {0} %s \\\\0vote\\\\0"
    listed(title, topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    letter, _ = mailed()
    assert "vote papers 0reason0 0 %s" in letter.html
    assert letter.html.count("/d/vote/") == 1
    assert "\0" not in letter.html + letter.body


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org, b@example.org",
        "a@example.org;b@example.org",
        "A <a@example.org>",
        "a@example.org\nBcc: b@c.d",
        "=?utf-8?q?a=2Cb?=@c.d",
        "ü@example.org",
        "a b@c.d",
        "",
    ],
)
def test_an_address_that_could_be_read_as_several_is_refused(address, listed, interested, mailed):
    listed("Paper", topics=("cs.IR",))
    interested(("topic", "cs.IR"), address=address)
    with pytest.raises(DigestError):
        mailed()


@pytest.mark.parametrize("sender", ["Broadsheet\r\nBcc: eve@example.org <b@example.org>", "B\n<b@example.org>"])
def test_a_sender_with_a_line_break_is_refused(sender, listed, interested, mailed, settings_of):
    settings_of(DEFAULT_FROM_EMAIL=sender)
    listed("Paper", topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    with pytest.raises(DigestError, match="line break"):
        mailed()


def test_a_sender_s_name_may_be_of_any_letters(listed, interested, mailed, settings_of):
    settings_of(DEFAULT_FROM_EMAIL="Bücher, täglich <news@papers.example.org>")
    listed("Paper", topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    _, parsed = mailed()
    assert parsed["From"].addresses[0].addr_spec == "news@papers.example.org"


def test_a_paper_withdrawn_or_erased_since_it_was_queued_is_left_out(listed, interested, site_library, clock):
    first, second, third = listed("First words", "Second words", "Third words", topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    issuing.queue_due(site_library, clock())
    delivery = Delivery.objects.select_related("subscriber", "issue").get()
    before = written(delivery)
    assert before is not None
    assert before.subject == "First words and 2 more"
    site_library.erase(first.key)
    site_library.withdraw(third.key)
    letter = written(delivery)
    assert letter is not None
    assert letter.subject == "Second words"
    assert "First words" not in letter.html + letter.body
    assert "Third words" not in letter.html + letter.body
    site_library.erase(second.key)
    assert written(delivery) is None


def test_a_mail_without_papers_says_so_plainly(subscriber, mailed):
    subscriber("ann@example.org")
    letter, _ = mailed()
    assert letter.subject == "No new papers came"
    assert (
        "No new paper has come to this site for a week. How its sources are: http://localhost:8000/status"
        in letter.body
    )


def test_the_feed_holds_what_the_mails_held_in_the_same_order_with_the_same_reasons(
    listed, interested, site_library, clock
):
    from broadsheet.library.models import Paper

    ann = interested(("topic", "cs.IR"), ("trending", ""))
    for day in range(2):
        listed(*(f"Day {day} paper {n}" for n in range(6)), topics=("cs.IR",))
        issuing.queue_due(site_library, clock())
        clock.forward(days=1)
    keys = dict(Paper.objects.values_list("key", "pk"))
    in_mails = []
    for delivery in Delivery.objects.select_related("subscriber", "issue").order_by("-pk"):
        letter = written(delivery)
        assert letter is not None
        pages = re.findall(r"^http://localhost:8000/papers/(\S+)$", letter.body, re.M)
        in_mails += [(keys[page], row["reason"]) for page, row in zip(pages, delivery.papers, strict=True)]
        assert [row["paper"] for row in delivery.papers] == [keys[page] for page in pages]
    assert len(in_mails) == 12
    assert [(sent.version.paper_id, sent.reason) for sent in past.last_issues(ann)] == in_mails


def test_many_mails_cost_two_queries_once_their_papers_were_written(listed, interested, site_library, clock):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    listed(*(f"Paper {n}" for n in range(12)), topics=("cs.IR",))
    for n in range(6):
        interested(("topic", "cs.IR"), ("trending", ""), address=f"reader-{n}@example.org", key=f"{n:022}")
    issuing.queue_due(site_library, clock())
    deliveries = list(Delivery.objects.select_related("subscriber", "issue"))
    composing.compose(deliveries)
    deliveries = list(Delivery.objects.select_related("subscriber", "issue"))
    with CaptureQueriesContext(connection) as queries:
        write = composing.compose(deliveries)
        letters = [write(delivery) for delivery in deliveries]
    assert len(queries) == 2
    assert {letter.to[0] for letter in letters if letter} == {f"reader-{n}@example.org" for n in range(6)}
    assert all("by the topic cs.IR and what trends" in " ".join(letter.body.split()) for letter in letters if letter)


def test_a_paper_that_cannot_be_written_is_left_out_and_keeps_nobody_else_waiting(
    listed, interested, site_library, clock, monkeypatch
):
    def stumble(version: Version) -> blocks.Block:
        if version.title == "Paper 1":
            raise RecursionError("too deep")
        return block(version)

    block = blocks.block
    monkeypatch.setattr(blocks, "block", stumble)
    monkeypatch.setattr(composing, "_blocks", blocks.Blocks())
    listed(*(f"Paper {n}" for n in range(3)), topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    issuing.queue_due(site_library, clock())
    letter = written(Delivery.objects.select_related("subscriber", "issue").get())
    assert letter is not None
    assert [f"Paper {n}" in letter.body for n in range(3)] == [True, False, True]


def test_no_paper_is_left_out_where_a_process_has_written_many(listed, interested, mailed, monkeypatch):
    monkeypatch.setattr(composing, "_blocks", known := blocks.Blocks(limit=4))
    listed(*(f"Paper {n}" for n in range(3)), topics=("cs.IR",))
    assert len(known.of(Version.objects.all())) == 3
    listed(*(f"Paper {n}" for n in range(3, 6)), topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    letter, _ = mailed()
    assert sum(f"Paper {n}" in letter.body for n in range(6)) == len(Delivery.objects.get().papers) > 3
