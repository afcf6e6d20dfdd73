"""Bibliographies: which papers of a file are here, what it is about, and how it is forgotten."""

import json
import re
from contextlib import suppress
from datetime import date

import numpy as np
import pytest

from broadsheet.community import bibliographies
from broadsheet.community.errors import CommunityError, Missing
from broadsheet.community.models import Bibliography, Reference, Theme
from broadsheet.library.live import Generations
from broadsheet.library.models import Paper, Version
from broadsheet.search import quantise


class Ways:
    """An encoder in which each text points the way of the number in it."""

    name, dimension = "ways@1", 16

    def embed_passages(self, texts):
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        found = re.search(r"way (\d+)", text)
        vector = np.full(16, 0.01)
        vector[int(found[1]) if found else 15] = 1.0
        return quantise(vector)


@pytest.fixture
def library(site_library):
    site_library.generations = Generations(site_library.alias, Ways, lambda chosen: None, "")
    return site_library


@pytest.fixture
def ann(site_library, reader):
    return reader("ann")


@pytest.fixture
def send(library, ann, clock):
    """Send references, each a dictionary of CSL-JSON."""
    return lambda *works, name="my.json": bibliographies.add(ann, library, name, json.dumps(works).encode(), clock())


def test_papers_are_found_by_name_by_title_and_by_likeness_and_the_others_wait(library, send, record, ann):
    library.put(
        [
            record("Paging with Succinct Predictions", "2104.12255", topics=("cs.DS",)),
            record("Efficient and tunable similar set retrieval", authors=["Gionis, Aristides", "Koudas, Nick"],
                   published=date(2001, 5, 1),
                   topics=("cs.DB", "cs.DS")),
            record("Offices Without Walls for Distributed Teams", "10.1000/offices", topics=("cs.HC",)),
        ]
    )  # fmt: skip
    row = send(
        {"title": "another title altogether", "number": "arXiv:2104.12255"},
        {"title": "Efficient and tumble similar set retrieval",
         "author": [{"family": "Koudas", "given": "N."}, {"family": "Gionis", "given": "A."}],
         "issued": {"date-parts": [[2001]]}},
        {"title": "Offices without walls for distributed teams."},
        {"title": "Offices without walls, again", "DOI": "10.1000/offices"},
        {"title": "Nobody has this, way 3", "abstract": "Of it nothing is stored."},
        {"author": []},
    )  # fmt: skip
    assert (row.found, row.total, row.refused, row.name) == (3, 5, 1, "my.json")
    assert row.faults == ["the file work 6: the record has no title"]
    assert [topic for topic, _ in row.topics] == ["cs.DS"]
    assert bibliographies.waiting(row) == 1
    titles = [version.title for version in bibliographies.papers_of(library, row, 10)]
    assert titles[0] == "Paging with Succinct Predictions"
    assert (len(titles), Paper.objects.count()) == (3, 3)


def test_what_is_withdrawn_is_not_found(library, send, record):
    [placed] = library.put([record("Paging with Succinct Predictions", "2104.12255")])
    library.withdraw(placed.key)
    assert send({"title": "x y", "number": "arXiv:2104.12255"}).found == 0


def test_themes_come_of_papers_here_and_of_texts_that_are_then_forgotten(library, send, record, clock):
    library.put([record(f"Paper {n} way 2", f"2104.0000{n}") for n in range(8)])
    library.embed()
    row = send(
        *({"title": f"x{n}", "number": f"arXiv:2104.0000{n}"} for n in range(8)),
        *({"title": f"Other {n} way 5", "abstract": "A secret abstract."} for n in range(6)),
    )
    assert bibliographies.learn(library, clock()) == 1
    assert bibliographies.learn(library, clock()) == 0
    row.refresh_from_db()
    assert (row.model, row.learned_at, bibliographies.waiting(row)) == ("ways@1", clock(), 0)
    assert [theme.references for theme in row.themes.order_by("-references")] == [8, 6]
    assert {int(np.frombuffer(theme.codes, np.int8).argmax()) for theme in row.themes.all()} == {2, 5}
    assert Reference.objects.filter(paper__isnull=True).count() == 0
    assert Version.objects.count() == 8


def test_references_are_read_by_one_encoder_though_another_takes_its_place_meanwhile(library, send, clock):
    class Others(Ways):
        name = "others@1"

    row = send(*({"title": f"Other {n} way 1"} for n in range(40)))
    asked = iter([False, True])
    assert bibliographies.learn(library, clock(), lambda: next(asked)) == 0
    library.generations = Generations(library.alias, Others, lambda chosen: None, "")
    read = []
    assert bibliographies.learn(library, clock(), progress=lambda done, total: read.append(done)) == 1
    row.refresh_from_db()
    assert (row.model, read[-1]) == ("others@1", 40)
    assert sum(theme.references for theme in row.themes.all()) == 40


def test_learning_that_is_stopped_goes_on_where_it_was(library, send, clock):
    row = send(*({"title": f"Other {n} way 1"} for n in range(40)))
    asked = iter([False, True])
    assert bibliographies.learn(library, clock(), lambda: next(asked)) == 0
    assert bibliographies.waiting(row) == 8
    assert bibliographies.learn(library, clock()) == 1
    assert sum(theme.references for theme in Theme.objects.all()) == 40


def test_without_an_encoder_topics_alone_are_known_and_texts_are_forgotten(site_library, ann, clock):
    row = bibliographies.add(ann, site_library, "a.bib", b"@article{a, title={On Offices}}", clock())
    assert bibliographies.learn(site_library, clock()) == 1
    row.refresh_from_db()
    assert (row.model, row.themes.count(), row.references.count()) == ("", 0, 0)


def test_a_list_is_forgotten_with_all_that_was_learned_and_by_nobody_else(library, send, clock, ann, reader):
    row = send(*({"title": f"Other {n} way 1"} for n in range(7)))
    bibliographies.learn(library, clock())
    with pytest.raises(Missing):
        bibliographies.find(reader("bo"), row.pk)
    bibliographies.forget(bibliographies.find(ann, row.pk))
    assert [model.objects.count() for model in (Bibliography, Reference, Theme)] == [0, 0, 0]


def test_a_reader_who_leaves_takes_their_references_along(library, send, ann):
    send({"title": "On Offices"})
    ann.delete()
    assert Bibliography.objects.count() == 0


def test_five_lists_are_the_most_and_what_cannot_be_read_is_said(library, send, ann, clock):
    for number in range(bibliographies.MOST):
        send({"title": f"On Offices {number}"})
    with pytest.raises(CommunityError, match="forget one before"):
        send({"title": "One more"})
    with pytest.raises(CommunityError, match=r"^The file is neither BibTeX"):
        bibliographies.add(ann, library, "a", b"x", clock())
    with pytest.raises(CommunityError, match="no reference that can be used; the first fault: the file work 1"):
        send({"author": []})


def test_many_files_at_once_are_not_one_too_many(library, ann, clock, in_parallel):
    def one() -> None:
        with suppress(CommunityError):
            bibliographies.add(ann, library, "a.bib", b"@article{a, title={On Offices}}", clock())

    in_parallel([one] * 8)
    assert Bibliography.objects.count() == bibliographies.MOST


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/pass\u202ewd", "passwd"),
        ("C:\\x\\my.bib", "my.bib"),
        ("", "references"),
        ("a" * 999, "a" * 120),
    ],
    ids=["folders", "drive", "none", "long"],
)
def test_the_name_of_a_file_is_one_that_can_be_shown(send, name, shown):
    assert send({"title": "On Offices"}, name=name).name == shown


def test_papers_that_are_made_one_are_one_reference_and_two_again_when_they_are_split(library, send, record):
    from broadsheet.community import merging

    library.put([record("Paging with Predictions", "2104.12255"), record("Another Title Entirely", "10.1000/x")])
    row = send({"title": "a b", "number": "arXiv:2104.12255"}, {"title": "c d", "DOI": "10.1000/x"})
    merging.merge(None, library, "2104.12255", "10.1000/x", row.at)
    assert len(bibliographies.papers_of(library, row, 10)) == 1
