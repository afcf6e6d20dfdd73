"""The mail itself: its bytes are what goes over the wire, and no text makes a header of its own."""

from email import message_from_bytes
from email.policy import default as parsing

import pytest

from broadsheet.digests.errors import DigestError
from broadsheet.digests.letter import Letter

BODY = "Short.\n.\n..two dots\n" + "word " * 60 + "\nÜ = 語\r\nend \n"
PAGE = "<p>1 &lt; 2 = 語</p>\n" + "<b>x</b>" * 40 + "\n"


@pytest.fixture
def letter():
    def write(subject: str = "Papers", page: str = PAGE, to: str = "ann@example.org", **headers: str) -> Letter:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Letter(subject, BODY, to, page, named)

    return write


@pytest.mark.parametrize("page", ["", PAGE])
def test_it_says_what_it_was_given_in_short_lines_of_ascii(letter, page):
    written = letter(page=page)
    read = message_from_bytes(written.content, policy=parsing)
    found = {
        part.get_content_type(): part.get_content().splitlines() for part in read.walk() if not part.is_multipart()
    }
    assert found == {"text/plain": BODY.splitlines()} | ({"text/html": page.splitlines()} if page else {})
    assert written.content.isascii()
    assert written.content.count(b"\n") == written.content.count(b"\r\n")
    assert max(map(len, written.content.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 78
    assert not read.defects


def test_other_back_ends_get_the_same_mail_as_an_object(letter):
    written = letter("Über 語 and more", List_Unsubscribe=f"<https://papers.example.org/{'x' * 300}>")
    assert written.message().as_bytes() == written.content


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        ("Plain words", "Plain words"),
        ("Über 語 😀", "Über 語 😀"),
        ("soft\u00adhyphen and zero\u200bwidth\u2028", "softhyphen and zerowidth"),
        ("a\r\nBcc: eve@example.org", "aBcc: eve@example.org"),
        ("=?utf-8?q?=0D=0ABcc:_e?=", "= ?utf-8?q?=0D=0ABcc:_e?="),
        ("語" * 300, "語" * 300),
    ],
)
def test_a_subject_of_any_letters_is_one_header(letter, subject, read):
    parsed = message_from_bytes(letter(subject).content, policy=parsing)
    assert parsed["Subject"] == read
    assert parsed.keys().count("Subject") == 1
    assert "Bcc" not in parsed


@pytest.mark.parametrize("value", ["a\nBcc: b", "=?utf-8?q?=0D=0ABcc:_e?=", "a\u2028b", "a\x0bb"])
def test_any_other_header_that_could_be_read_as_two_is_refused(letter, value):
    with pytest.raises(DigestError, match="X-Words"):
        letter(X_Words=value)


def test_a_message_id_and_a_date_are_there_and_may_be_given(letter):
    first, second = (message_from_bytes(letter().content, policy=parsing) for _ in range(2))
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Date"].datetime.tzinfo is not None
    given = message_from_bytes(letter(Message_ID="<one@papers.example>").content, policy=parsing)
    assert given.get_all("Message-ID") == ["<one@papers.example>"]
