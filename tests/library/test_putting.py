"""What becomes of a record: added, revised, described, unchanged, withdrawn, restored, refused."""

from datetime import date, timedelta

from django.db import connections
from django.test.utils import CaptureQueriesContext

from broadsheet.library import Outcome
from broadsheet.papers import Identifier, Record
from broadsheet.ranking import trending

TITLE = "Paging with Succinct Predictions in Online Algorithms"


def outcomes(placements):
    return [placement.outcome for placement in placements]


def test_the_same_record_twice_is_one_paper_with_one_version(library, record):
    assert outcomes(library.put([record(TITLE, "2104.12255")])) == [Outcome.ADDED]
    assert outcomes(library.put([record(TITLE, "2104.12255")])) == [Outcome.UNCHANGED]
    assert library.count() == 1
    assert library.status().head == 1


def test_twice_within_one_batch_is_one_paper_too(library, record):
    placements = library.put([record(TITLE, "2104.12255"), record(TITLE, "2104.12255"), record(TITLE)])
    assert outcomes(placements) == [Outcome.ADDED, Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert library.count() == 1


def test_a_text_that_differs_is_a_new_version(library, record):
    library.put([record(TITLE, "2104.12255", abstract="One.")])
    assert outcomes(library.put([record(TITLE, "2104.12255", abstract="Two.")])) == [Outcome.REVISED]
    version = library.find("2104.12255")
    assert (version.number, version.abstract) == (2, "Two.")
    assert [(row.born, row.died) for row in library.history(version.paper)] == [(1, 2), (2, None)]


def test_a_description_that_differs_keeps_the_version_number_but_is_journalled(library, record):
    library.put([record(TITLE, "2104.12255", topics=("cs.DS",))])
    assert outcomes(library.put([record(TITLE, "2104.12255", topics=("cs.LG",))])) == [Outcome.DESCRIBED]
    version = library.find("2104.12255")
    assert (version.number, version.topics, version.born) == (1, ["cs.LG"], 2)


def test_white_space_alone_is_no_difference(library, record):
    library.put([record(TITLE, "2104.12255", abstract="One  two.")])
    assert outcomes(library.put([record(TITLE + " ", "2104.12255", abstract="One\ntwo.")])) == [Outcome.UNCHANGED]


def test_records_without_a_common_name_meet_by_title_author_and_year(library, record):
    day = {"published": date(2021, 4, 25)}
    library.put([record(TITLE, "2104.12255", authors=["Antoniadis, Antonios", "B"], **day)])
    same = record(TITLE.upper() + ".", "10.1145/1", authors=["A. Antoniadis"], source="crossref", **day)
    assert outcomes(library.put([same])) == [Outcome.REVISED]
    assert library.find("10.1145/1").paper.key == "2104.12255"
    assert [str(name) for name in library.names(library.find("10.1145/1").paper)] == [
        "arxiv:2104.12255",
        "doi:10.1145/1",
    ]


def test_a_title_alone_meets_the_paper_that_bears_it_if_it_is_distinctive(library, record):
    library.put(
        [record(TITLE, "2104.12255", authors=["Ann Lee"]), record("Introduction", "2104.00001", authors=["Ann Lee"])]
    )
    assert outcomes(library.put([record(TITLE, source="pages")])) == [Outcome.UNCHANGED]
    assert outcomes(library.put([record("Introduction", source="pages")])) == [Outcome.ADDED]
    assert outcomes(library.put([record("Introduction", source="pages")])) == [Outcome.UNCHANGED]


def test_a_name_that_clashes_keeps_papers_of_one_title_apart(library, record):
    library.put([record(TITLE, "2104.12255", authors=["Ann Lee"])])
    assert outcomes(library.put([record(TITLE, "2104.99999", authors=["Ann Lee"])])) == [Outcome.ADDED]
    assert outcomes(library.put([record(TITLE, authors=["Bo Yu"])])) == [Outcome.ADDED]
    assert library.count() == 3


def test_a_shared_web_address_alone_does_not_make_two_papers_one(library, record):
    library.put([record("A first paper of the laboratory", "https://lab.example/", source="bib")])
    placed = library.put([record("A second paper of the laboratory", "https://lab.example/", source="bib")])
    assert outcomes(placed) == [Outcome.ADDED]
    assert library.count() == 2


def test_names_of_two_papers_in_one_record_are_reported_and_the_papers_stay_apart(library, record):
    library.put(
        [record("One paper among many others", "2104.00001"), record("Another paper among others", "10.1145/9")]
    )
    [placement] = library.put([record("One paper among many others", "2104.00001", "10.1145/9", topics=("x",))])
    assert placement.key == "2104.00001"
    assert "10.1145/9" in placement.reason
    assert library.count() == 2


def test_sources_that_repeat_themselves_do_not_undo_each_other(library, record):
    library.put([record(TITLE, abstract="Ours.", source="starter")])
    library.put([record(TITLE, abstract="Theirs.", source="pages")])
    assert outcomes(library.put([record(TITLE, abstract="Ours.", source="starter")])) == [Outcome.UNCHANGED]
    assert library.find(library.day_page().versions[0].paper.key).abstract == "Theirs."


def test_what_another_source_leaves_out_stays(library, record):
    library.put([record(TITLE, "2104.12255", abstract="Long.", authors=["Ann Lee"], topics=("cs.DS",), source="arxiv")])
    library.put([record(TITLE, "2104.12255", abstract="Longer.", source="pages")])
    version = library.find("2104.12255")
    assert (version.abstract, version.author_names, version.topics) == ("Longer.", ["Ann Lee"], ["cs.DS"])


def test_an_older_text_does_not_replace_a_newer_one(library, record):
    new, old = {"updated": date(2026, 3, 2)}, {"updated": date(2026, 1, 1)}
    library.put([record(TITLE, "2104.12255", abstract="New.", source="arxiv", number=2, **new)])
    assert outcomes(library.put([record(TITLE, "2104.12255", abstract="Old.", source="arxiv", number=1)])) == [
        "unchanged"
    ]
    assert outcomes(library.put([record(TITLE, "2104.12255", abstract="Old.", source="dump", **old)])) == ["unchanged"]
    assert library.find("2104.12255").abstract == "New."


def test_withdrawn_by_its_source_and_brought_back_by_it_only(library, record):
    gone = Record("arxiv", (Identifier("arxiv", "2104.12255"),), None)
    assert outcomes(library.put([gone])) == [Outcome.UNCHANGED]
    library.put([record(TITLE, "2104.12255", source="arxiv"), record(TITLE, "2104.12255", source="dump")])
    assert outcomes(library.put([gone, gone])) == [Outcome.WITHDRAWN, Outcome.UNCHANGED]
    assert library.count() == 0
    assert outcomes(library.put([record(TITLE, "2104.12255", source="dump")])) == [Outcome.UNCHANGED]
    assert outcomes(library.put([record(TITLE, "2104.12255", source="arxiv")])) == [Outcome.RESTORED]
    assert library.find("2104.12255").number == 1


def test_a_source_cannot_withdraw_what_it_did_not_bring(library, record):
    library.put([record(TITLE, "2104.12255", source="arxiv")])
    [placement] = library.put([Record("evil-feed", (Identifier("arxiv", "2104.12255"),), None)])
    assert placement.outcome == Outcome.REFUSED
    assert "did not bring" in placement.reason
    assert library.count() == 1


def test_an_erased_paper_stays_erased_when_a_source_sends_it_again(library, record):
    library.put([record(TITLE, "2104.12255", abstract="Secret.")])
    library.erase("2104.12255")
    [placement] = library.put([record(TITLE, "2104.12255", abstract="Secret.")])
    assert placement.outcome == Outcome.REFUSED
    assert library.count() == 0
    from broadsheet.library.models import Version

    assert not Version.objects.using(library.alias).exclude(title="", abstract="").exists()


def test_a_batch_reads_in_a_fixed_number_of_queries_whatever_its_size(library, record):
    def cost(count: int, first: int) -> int:
        batch = [record(f"{TITLE} part {n}", f"2104.{n:05}", authors=["Ann Lee"]) for n in range(first, first + count)]
        with CaptureQueriesContext(connections[library.alias]) as queries:
            library.put(batch)
        return sum(query["sql"].startswith("SELECT") for query in queries)

    assert cost(400, 1_000) == cost(40, 5_000)


def test_the_journal_numbers_changes_without_gaps_and_never_turns_back_in_time(library, record, clock):
    library.put([record("One title of a paper here", "2104.00001")])
    clock.forward(days=-3)
    library.put([record("Two titles of papers here", "2104.00002")])
    from broadsheet.library.models import Change

    rows = list(Change.objects.using(library.alias).order_by("seq").values_list("seq", "at"))
    assert [seq for seq, _ in rows] == [1, 2]
    assert rows[0][1] <= rows[1][1]


def test_a_paper_belongs_to_the_day_it_was_listed_else_published_else_added(library, record, clock):
    library.put(
        [
            record(
                "A paper that was listed late", "2104.00001", announced=date(2026, 3, 3), published=date(2026, 3, 1)
            ),
            record("A paper that was published once", "2104.00002", published=date(2026, 3, 1)),
            record("A paper without any date at all", "2104.00003"),
        ]
    )
    days = [library.find(f"2104.0000{n}").paper.day for n in (1, 2, 3)]
    assert days == [date(2026, 3, 3), date(2026, 3, 1), clock.now.date()]


def test_a_paper_dated_ahead_weighs_as_of_its_own_day_from_the_start(library, record, clock):
    day = clock.now.date() + timedelta(days=3)
    library.put([record("A paper that is announced ahead", "2104.00001", announced=day)])
    paper = library.find("2104.00001").paper
    assert (paper.day, paper.trending) == (day, trending(day).score)
