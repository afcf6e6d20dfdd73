"""An export holds everything about its reader, and nothing secret."""

import json
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder

from broadsheet.community import audit
from broadsheet.community.export import export, exported_models
from broadsheet.community.models import (
    Act,
    Claim,
    Clipping,
    Collection,
    Comment,
    CommentText,
    Notification,
    Read,
    Reader,
    Report,
    Submission,
    Token,
    Vote,
)
from broadsheet.library.models import Paper

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def models_about_readers() -> set[type]:
    """Every table with a column that names a reader."""
    return {
        model
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is Reader
    }


def test_every_table_that_names_a_reader_is_exported():
    missing = {model.__name__ for model in models_about_readers() - exported_models()}
    assert missing == set(), "give export.py a part for it, or add one with export.add_part"
    assert {Vote, Comment, Act, Token} <= models_about_readers()


@pytest.fixture
def exported(site_library, reader, record) -> dict:
    """The export of a reader who did one of everything, read back from JSON."""
    site_library.put([record("One", "2104.00001")])
    paper, ann, bo = Paper.objects.get(), reader("ann", name="Ann", about="Reads", is_limited=True), reader("bo")
    mine = Comment.objects.create(paper=paper, reader=ann, text="Now", at=NOW, is_shown=False)
    CommentText.objects.create(comment=mine, text="Before", at=NOW)
    theirs = Comment.objects.create(paper=paper, reader=bo, parent=mine, text="Secret of Bo", at=NOW)
    Notification.objects.create(reader=ann, comment=theirs, kind="reply", at=NOW)
    Vote.objects.create(reader=ann, paper=paper, at=NOW, is_shown=False, is_trusted=False)
    Read.objects.create(reader=ann, paper=paper, at=NOW, is_counted=False)
    shelf = Collection.objects.create(reader=ann, slug="s" * 22, title="Shelf", created_at=NOW, changed_at=NOW)
    Clipping.objects.create(collection=shelf, paper=paper, place=1, note="Read on Monday", at=NOW)
    Submission.objects.create(paper=paper, reader=ann, day=NOW.date(), note="Look", at=NOW)
    Claim.objects.create(paper=paper, reader=ann, author="Ann Lee", at=NOW, settled_by=bo)
    Report.objects.create(reader=ann, comment=theirs, paper=paper, reason="Rude", at=NOW)
    Token.objects.create(reader=ann, name="script", digest="d" * 64, scopes=["read"], created_at=NOW)
    data = {"name": "Laptop", "credential": {"rawId": "secret-credential"}}
    Authenticator.objects.create(user=ann, type=Authenticator.Type.WEBAUTHN, data=data)
    audit.note(ann, "feature", "2104.00001", NOW)
    return json.loads(json.dumps(export(ann, NOW), cls=DjangoJSONEncoder))


def test_it_holds_one_of_everything(exported):
    assert exported["profile"]["email"] == "ann@example.org"
    assert exported["profile"]["about"] == "Reads"
    assert exported["addresses"] == [{"email": "ann@example.org", "verified": True, "primary": True}]
    assert [key["name"] for key in exported["passkeys"]] == ["Laptop"]
    assert [row["paper"] for row in exported["votes"] + exported["reads"]] == [exported["claims"][0]["paper"]] * 2
    (comment,) = exported["comments"]
    assert comment["text"] == "Now"
    assert comment["earlier"][0]["text"] == "Before"
    assert exported["notifications"][0]["kind"] == "reply"
    assert exported["collections"][0]["papers"][0]["note"] == "Read on Monday"
    assert exported["submissions"][0]["note"] == "Look"
    assert exported["reports"][0]["reason"] == "Rude"
    assert exported["tokens"][0]["name"] == "script"
    assert exported["acts"][0]["verb"] == "feature"
    assert exported["sessions"] == 0


def test_it_holds_no_secret_no_text_of_others_and_no_word_of_a_limit(exported):
    text = json.dumps(exported)
    for kept in (
        "secret-credential",
        "d" * 64,
        "Secret of Bo",
        "is_limited",
        "is_shown",
        "is_trusted",
        "is_counted",
        "bo",
    ):
        assert f'"{kept}"' not in text


def test_it_costs_as_many_queries_for_many_rows(site_library, reader, record):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ann = reader("ann")
    with CaptureQueriesContext(connection) as few:
        export(ann, NOW)
    site_library.put([record(f"Paper {n}", f"2104.{n:05}") for n in range(1, 20)])
    shelf = Collection.objects.create(reader=ann, slug="s" * 22, title="Shelf", created_at=NOW, changed_at=NOW)
    for paper in Paper.objects.all():
        Vote.objects.create(reader=ann, paper=paper, at=NOW, is_shown=True, is_trusted=True)
        Comment.objects.create(paper=paper, reader=ann, text="Now", at=NOW)
        Clipping.objects.create(collection=shelf, paper=paper, place=1, at=NOW)
    with CaptureQueriesContext(connection) as many:
        export(ann, NOW)
    assert len(many) - len(few) <= 3  # prefetches that had nothing to fetch
