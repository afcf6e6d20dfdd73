"""A small library on SQLite, and programs that call the API of its site."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

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
