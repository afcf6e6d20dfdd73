"""A digest knows what its reader reads: papers like their references come, those that they have do not."""

import numpy as np
import pytest

from broadsheet.community.models import Bibliography, Reference, Theme
from broadsheet.digests import leanings
from broadsheet.library.models import Embedding, Version
from encoders import searched_by


def toward(way: int, noise: float = 0.0) -> bytes:
    chance = np.random.default_rng(way)
    vector = np.eye(64)[way] + chance.normal(size=64) * noise
    return np.round(vector / np.abs(vector).max() * 127).astype(np.int8).tobytes()


@pytest.fixture
def embedded():
    def embed(paper, way: int) -> None:
        version = Version.objects.get(paper=paper, died=None)
        codes = toward(way, 0.02)
        searched_by("m")
        Embedding.objects.create(version=version, born=10_000 + version.pk, model="m", codes=codes, scale=1 / 127)

    return embed


@pytest.fixture
def sent(clock):
    """Have a reader send references: of these topics, about a direction, with these papers."""

    def send(reader, topics=(), way=None, papers=(), model="m") -> Bibliography:
        row = Bibliography.objects.create(
            reader=reader, name="my.bib", at=clock(), total=9, found=len(papers), topics=list(topics), model=model,
            learned_at=clock(),
        )  # fmt: skip
        if way is not None:
            Theme.objects.create(bibliography=row, title="Dense Retrieval", references=9, codes=toward(way))
        Reference.objects.bulk_create([Reference(bibliography=row, paper=paper) for paper in papers])
        return row

    return send


def test_papers_like_the_references_come_with_the_reason_and_those_that_are_known_do_not(
    listed, subscriber, reader, sent, embedded, picked
):
    ann = reader("ann")
    papers = listed(*(f"Paper {n}" for n in range(20)))
    for way, paper in enumerate(papers):
        embedded(paper, way)
    sent(ann, way=3, papers=[papers[7]])
    found = picked(subscriber("ann@example.org", reader=ann))
    assert next(iter(found.items())) == ("Paper 3", "like “Dense Retrieval” and others of your references")
    assert "Paper 7" not in found
    assert "Paper 7" in picked(subscriber("bo@example.org", reader=reader("bo"), size=20))


def test_topics_of_the_references_count_by_their_share(listed, subscriber, reader, sent, picked):
    listed("Ranking", topics=("cs.IR",))
    listed("Parsing", topics=("cs.CL",))
    ann = reader("ann")
    sent(ann, topics=[("cs.CL", 0.8), ("cs.IR", 0.2)])
    found = picked(subscriber("ann@example.org", reader=ann))
    assert next(iter(found.items())) == ("Parsing", "topic of your references")


def test_themes_of_another_encoder_and_a_list_that_was_forgotten_count_no_more(
    listed, subscriber, reader, sent, embedded, picked
):
    ann = reader("ann")
    for way, paper in enumerate(listed(*(f"Paper {n}" for n in range(12)))):
        embedded(paper, way)
    sent(ann, way=3, model="another")
    row = sent(ann, way=4)
    who = subscriber("ann@example.org", reader=ann)
    reasons = picked(who)
    assert "references" in reasons["Paper 4"]
    assert "references" not in reasons.get("Paper 3", "")
    row.delete()
    assert not any("references" in reason for reason in picked(who).values())


def test_it_costs_three_queries_however_many_sent_however_much(listed, subscriber, reader, sent, clock):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    papers = listed(*(f"Paper {n}" for n in range(5)))
    for name in ("ann", "bo", "chi"):
        who = reader(name)
        subscriber(f"{name}@example.org", reader=who)
        for _ in range(3):
            sent(who, topics=[("cs.IR", 0.5)], way=3, papers=papers)
    everybody = list(type(subscriber("dan@example.org")).objects.all())
    with CaptureQueriesContext(connection) as asked:
        found = leanings.read(everybody, "m", clock().date())
    assert len(asked) == 3
    assert [len(one.themes) for one in found.values()] == [3, 3, 3]
    assert [len(one.papers) for one in found.values()] == [5, 5, 5]
