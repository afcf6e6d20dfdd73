"""A small library on SQLite, and programs that call the API of its site."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest


@pytest.fixture
def clock(clock):
    """The API reads the real time, so the library's is near it."""
    clock.now = datetime.now(UTC)
    return clock


@pytest.fixture
def library(library_on_sqlite) -> "Library":  # noqa: F821
    return library_on_sqlite


class Program:
    """Calls the API as a program does: JSON in, JSON out, each answer in the agreed form."""

    def __init__(self, secret: str = "", **options: object) -> None:
        from django.test import Client

        self.client = Client(SERVER_NAME="localhost", raise_request_exception=False, enforce_csrf_checks=True)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def call(self, method: str, address: str, body: object = None, **headers: str):
        """The answer to a call; `body` is sent as JSON, bytes as they are."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {"content_type": "application/json"} if content else {}
        if kind := headers.pop("content_type", None):
            given["content_type"] = kind
        response = self.client.generic(
            method, f"/api/v1{address}", content, headers={**self.headers, **headers}, **given
        )
        assert (
            response.status_code == 204
            or response["Content-Type"] == "application/json; charset=utf-8"
            or (response["Content-Type"] == "application/json")
        ), response["Content-Type"]
        if response.status_code >= 400:
            said = response.json()
            assert set(said) <= {"error", "where"}
            assert said["error"].endswith(".")
        return response

    def get(self, address: str, **headers: str):
        return self.call("GET", address, **headers)


@pytest.fixture
def anybody(library) -> Program:
    """A program without a token."""
    return Program()


@pytest.fixture
def program(library, reader) -> Callable[..., Program]:
    """The program of a reader, with a token that may write unless told otherwise."""

    def make(who: object = "ann", scopes=("read", "write"), **fields) -> Program:
        from broadsheet.community import tokens

        owner = reader(who, **fields) if isinstance(who, str) else who
        _, secret = tokens.issue(owner, "a script", scopes, datetime.now(UTC))
        made = Program(secret)
        made.reader = owner
        return made

    return make


@pytest.fixture
def paper(library, record):
    """A paper known by an arXiv id and a DOI."""
    library.put(
        [
            record(
                "Paging with predictions",
                "2611.00001",
                "10.1145/3292500.3330919",
                abstract="Caches ask an oracle.",
                authors=["Ada Byron"],
                topics=("cs.DS",),
                links=["https://code.example/1"],
            )
        ]
    )
    from broadsheet.library.models import Paper

    return Paper.objects.get()


@pytest.fixture
def client(library):
    from django.test import Client

    return Client(SERVER_NAME="localhost", raise_request_exception=False)


@pytest.fixture
def ask_hub(client):
    """The JSON at an address of the API."""

    def get(address: str, status: int = 200):
        response = client.get(f"/api{address}")
        assert response.status_code == status, response.content
        assert response["Content-Type"] == "application/json"
        return response.json()

    return get


@pytest.fixture
def hub_papers(library, record, reader, clock):
    """Six papers: three of Saturday, two of Friday, one of tomorrow; votes, a submission, a claim, a comment."""
    from broadsheet.community import claims, comments, voting
    from broadsheet.community.models import Submission

    friday, saturday, sunday = (date(2026, 11, day) for day in (20, 21, 22))
    library.put(
        [
            record(
                "Paging with $O(\\log n)$ bits: a naïve “proof” 数",
                "2611.00001",
                "10.1145/3292500.3330919",
                source="arxiv",
                abstract="Caches ask an oracle.",
                authors=["Ada Byron", "Émilie du Châtelet"],
                published=date(2026, 11, 2),
                announced=saturday,
                links=[
                    "https://github.com/Ann-Lee/Paging",
                    "https://huggingface.co/ann/oracle",
                    "https://huggingface.co/datasets/ann/requests/tree/main",
                    "https://huggingface.co/spaces/ann/demo",
                    "https://huggingface.co/papers/2611.00001",
                ],
            ),
            record("Second", "2611.00002", announced=saturday),
            record("Third", "2611.00003", announced=saturday, abstract="Paging again."),
            record("Fourth", "2611.00004", announced=friday),
            record("Fifth", "2611.00005", announced=friday),
            record("Tomorrow", "2611.00006", announced=sunday, abstract="Paging tomorrow."),
        ]
    )
    ann, bo, cy = reader("ann", name="Ann Lee"), reader("bo"), reader("cy", is_limited=True)
    pk = {n: library.find(f"2611.0000{n}").paper_id for n in range(1, 7)}
    for who, number in ((ann, 3), (bo, 3), (ann, 5), (ann, 6), (bo, 6)):
        voting.vote(who, pk[number], clock())
    Submission.objects.create(
        paper_id=pk[3], reader=ann, day=saturday, at=clock(), media_url="https://example.org/film.mp4"
    )
    Submission.objects.create(paper_id=pk[2], reader=cy, day=saturday, at=clock())
    claims.claim(ann, library.find("2611.00001"), "Ada Byron", "", clock())
    claims.accept(reader("ed", role="editor"), 1, clock())
    comments.write(ann, pk[1], "Ask me.", clock())
    return library
