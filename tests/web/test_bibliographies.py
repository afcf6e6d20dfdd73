"""The page of references: a file is sent, what was understood is shown, and it can be taken back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from broadsheet.community.models import Bibliography

FILE = b"""@article{a, title={Paging with Succinct Predictions}, eprint={2104.12255}, archiveprefix={arXiv}}
@article{b, title={<script>alert(1)</script> and offices}}
@article{c, note={No title at all}}
"""


@pytest.fixture
def paging(library, record):
    library.put([record("Paging with Succinct Predictions", "2104.12255", topics=("cs.DS",))])


@pytest.fixture
def send(signed_in):
    client = signed_in("ann")

    def post(payload: bytes = FILE, name: str = "my.bib"):
        return client.post("/references/send", {"file": SimpleUploadedFile(name, payload)})

    post.client = client
    return post


def test_a_file_is_sent_and_what_was_understood_is_shown_and_taken_back(paging, send, parsed):
    answer = send(name="<b>my</b>.bib")
    row = Bibliography.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/references#list-{row.pk}")
    response = send.client.get("/references")
    text = " ".join(parsed(response).text.split())
    assert "1 of 3 references found here. 1 other will soon be known by meaning" in text
    assert "1 could not be used" in text
    assert "the file line 3: the entry has no title" in text or "no title" in text
    assert 'href="/papers/2104.12255"' in response.content.decode()
    assert "<b>my" not in response.content.decode()
    assert "<script>alert" not in response.content.decode()
    gone = send.client.post(f"/references/{row.pk}/forget")
    assert (gone.status_code, gone["Location"]) == (303, "/references")
    assert Bibliography.objects.count() == 0


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"hello", "The file is neither BibTeX nor RIS nor CSL-JSON"),
        (b"@article{a, title={" + b"{" * 300_000, "mostly marks"),
        (b" " * 5_000_001, "larger than 5 MB"),
        (b"@" * 10_000_000, "larger than 5 MB"),
        (b"@" * 4_000_000, "The file is neither BibTeX nor RIS nor CSL-JSON"),
        (b"@article{a, title={x}}" + b"\0" * 20_000, "holds a NUL byte"),
        (b"", "The submitted file is empty"),
    ],
    ids=["words", "braces", "large", "very large", "signs", "NULs", "empty"],
)
def test_what_cannot_be_read_is_said_beside_the_field(send, parsed, payload, said):
    answer = send(payload)
    assert answer.status_code == 400
    assert said in parsed(answer).text


def test_others_see_and_forget_nothing_and_strangers_are_asked_to_sign_in(paging, send, signed_in, client):
    send()
    row = Bibliography.objects.get()
    bo = signed_in("bo")
    assert "my.bib" not in bo.get("/references").content.decode()
    assert bo.post(f"/references/{row.pk}/forget").status_code == 404
    assert client.get("/references")["Location"].startswith("/accounts/login")
    assert client.post(f"/references/{row.pk}/forget").status_code == 302
    assert Bibliography.objects.count() == 1


def test_a_form_needs_its_token_and_there_is_a_limit(paging, signed_in):
    careful = signed_in("ann", checks=True)
    assert careful.post("/references/send", {"file": SimpleUploadedFile("a.bib", FILE)}).status_code == 403
    client = signed_in("bo")
    found = {client.post("/references/send", {"file": SimpleUploadedFile("a", b"x")}).status_code for _ in range(13)}
    assert found == {400, 429}


def test_the_page_costs_as_many_queries_for_many_papers(library, record, send):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    library.put([record(f"Paper number {n}", f"2104.{n:05}") for n in range(40)])

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert send.client.get("/references").status_code == 200
        return len(asked)

    send(b"@article{a, title={x}, eprint={2104.00001}, archiveprefix={arXiv}}")
    send.client.get("/references")  # which asks once by which encoder is searched
    few = cost()
    Bibliography.objects.all().delete()
    send(b"\n".join(b"@article{a%d, title={x}, eprint={2104.%05d}, archiveprefix={arXiv}}" % (n, n) for n in range(40)))
    assert cost() == few
