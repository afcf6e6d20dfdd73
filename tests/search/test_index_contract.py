"""What every implementation of the index port promises, told one promise at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest

from broadsheet.search import ChangeError, Embed, Erase, PositionError, Put, SearchError, Vector, Withdraw, parse

NORTH, EAST, BETWEEN = ([127, 0], [0, 127], [90, 90])


def vector(codes, scale=1 / 127):
    return Vector(np.array(codes, np.int8), scale)


@pytest.fixture
def index(make_index):
    return make_index()


def found(index, text, at=None, **more):
    return {match.paper: match for match in index.search(parse(text), at=at, **more).matches}


def test_an_empty_index_answers(index):
    assert (index.position, index.size, list(index.papers())) == (0, 0, [])
    assert index.search(parse("cats"), vector(NORTH)).matches == ()
    assert list(index.nearest(1)) == []


def test_a_paper_is_found_from_its_change_on_and_not_before(index):
    index.apply([Put(3, 7, "Cats", "")], 5)
    assert index.position == 5
    assert list(found(index, "cat")) == [7]
    assert list(found(index, "cat", at=3)) == [7]
    assert not found(index, "cat", at=2)


def test_a_revision_hides_the_old_text_now_and_keeps_it_for_earlier_searches(index):
    index.apply([Put(1, 7, "Cats", ""), Put(2, 7, "Dogs", "")], 2)
    assert (list(found(index, "cats")), list(found(index, "dogs"))) == ([], [7])
    assert (list(found(index, "cats", at=1)), list(found(index, "dogs", at=1))) == ([7], [])
    assert index.size == 1


def test_a_withdrawn_paper_can_come_back(index):
    index.apply([Put(1, 7, "Cats", ""), Withdraw(2, 7), Put(3, 7, "Cats", "")], 3)
    assert [list(index.papers(at)) for at in range(4)] == [[], [7], [], [7]]


def test_an_erased_paper_is_gone_from_every_search_and_from_the_statistics(make_index):
    index, fresh = make_index(), make_index()
    other = [Put(1, 1, "Cats and dogs", "Many cats.")]
    index.apply([*other, Put(2, 2, "Cats", "", ("Ann Smith",), ("cs.LG",)), Embed(3, 2, vector(NORTH))], 3)
    index.apply([Erase(4, 2)], 4)
    fresh.apply(other, 4)
    for at in range(5):
        assert found(index, "cats", at) == found(fresh, "cats", at)
        assert not found(index, "author:smith topic:cs", at)
    assert not found(index, "cats", vector=vector(NORTH))[1].meaning


def test_an_erased_paper_can_be_put_anew(index):
    index.apply([Put(1, 7, "Cats", ""), Erase(2, 7), Put(3, 7, "Dogs", "")], 3)
    assert [list(index.papers(at)) for at in range(4)] == [[], [], [], [7]]


def test_changes_that_were_applied_are_skipped(index):
    changes = [Put(1, 1, "Cats", ""), Put(2, 2, "Dogs", "")]
    index.apply(changes, 2)
    index.apply([*changes, Put(3, 3, "Birds", "")], 3)
    index.apply(changes, 2)
    assert (index.position, list(index.papers())) == (3, [1, 2, 3])


def test_a_position_can_move_without_changes(index):
    index.apply([], 9)
    assert index.position == 9


@pytest.mark.parametrize("at", [-1, 2, 10**12])
def test_a_number_that_the_index_has_not_reached_is_refused(index, at):
    index.apply([Put(1, 1, "Cats", "")], 1)
    for ask in (lambda: index.search(parse("cats"), at=at), lambda: index.nearest(1, at=at), lambda: index.papers(at)):
        with pytest.raises(PositionError, match="from 0 to 1"):
            ask()


@pytest.mark.parametrize(
    ("changes", "position"),
    [
        ([Put(3, 3, "Birds", ""), Put(2, 2, "Dogs", "")], 3),
        ([Put(3, 3, "Birds", "")], 2),
        ([Put(2, 2, "Dogs", ""), Embed(3, 2, Vector(np.zeros((1, 2), np.int8), 1.0))], 3),
        ([Put(2, 2, "Dogs", ""), Embed(3, 2, Vector(np.zeros(2), 1.0))], 3),
        ([Put(2, 2, "Dogs", ""), Embed(3, 2, Vector(np.zeros(0, np.int8), 1.0))], 3),
        ([Put(2, 2, "Dogs", ""), Embed(3, 2, vector(NORTH, float("nan")))], 3),
    ],
)
def test_a_bad_change_is_refused_and_leaves_the_index_as_it_was(index, changes, position):
    index.apply([Put(1, 1, "Cats", "")], 1)
    with pytest.raises(ChangeError):
        index.apply(changes, position)
    assert (index.position, list(index.papers())) == (1, [1])


def test_a_search_without_depth_is_refused(index):
    with pytest.raises(SearchError):
        index.search(parse("cats"), depth=0)
    with pytest.raises(SearchError):
        index.nearest(1, depth=0)


def test_equal_scores_are_given_by_paper_number(index):
    index.apply([Put(seq, paper, "Cats", "") for seq, paper in enumerate([9, 4, 7, 2], 1)], 4)
    assert sorted(found(index, "cats", depth=2)) == [2, 4]
    assert index.search(parse("cats"), depth=2).total == 4


def test_statistics_are_those_of_the_searched_number(index):
    index.apply([Put(1, 1, "Cats", "")], 1)
    before = found(index, "cats")[1].words
    index.apply([Put(2, 2, "Dogs", "Long is the tale of dogs"), Put(3, 3, "Birds", "")], 3)
    assert found(index, "cats")[1].words > before
    assert found(index, "cats", at=1)[1].words == before


def test_the_title_counts_more_than_the_abstract(index):
    index.apply([Put(1, 1, "Cats", "Dogs"), Put(2, 2, "Dogs", "Cats")], 2)
    both = found(index, "cats")
    assert both[1].words > both[2].words


def test_words_are_alternatives_and_phrases_are_required(index):
    index.apply([Put(1, 1, "Low rank cats", ""), Put(2, 2, "Rank low", ""), Put(3, 3, "Low", "rank")], 3)
    assert sorted(found(index, "rank cats")) == [1, 2, 3]
    assert sorted(found(index, '"low rank"')) == [1]
    assert sorted(found(index, "low-rank")) == [1, 2, 3]


def test_conditions_hold_for_papers_found_by_meaning_too(index):
    index.apply([Put(1, 1, "Cats", "", topics=("cs.LG",)), Put(2, 2, "Dogs", "", topics=("math.CO",))], 2)
    index.apply([Embed(3, 1, vector(NORTH)), Embed(4, 2, vector(NORTH))], 4)
    assert sorted(found(index, "birds", vector=vector(NORTH))) == [1, 2]
    assert sorted(found(index, "birds topic:cs", vector=vector(NORTH))) == [1]
    assert sorted(found(index, "birds -cats", vector=vector(NORTH))) == [2]
    assert sorted(found(index, 'birds "dogs"', vector=vector(NORTH))) == [2]


def test_conditions_alone_give_the_newest_first(index):
    days = [None, date(2024, 5, 1), date(2026, 1, 1), date(2025, 1, 1), date(2026, 1, 1)]
    index.apply([Put(n, n, "Cats", "", topics=("cs.LG",), day=day) for n, day in enumerate(days, 1)], 5)
    assert sorted(found(index, "topic:cs", depth=3)) == [3, 4, 5]
    answer = index.search(parse("topic:cs"), depth=5)
    assert answer.total == 5
    assert all(match.words == 0 and match.meaning is None and not match.terms for match in answer.matches)
    assert {match.paper: match.day for match in answer.matches}[2] == date(2024, 5, 1).toordinal()


def test_meaning_is_the_exact_product_of_codes_and_scales(index):
    index.apply([Put(1, 1, "Cats", ""), Embed(2, 1, vector([100, -128], 0.5))], 2)
    assert found(index, "x", vector=vector([3, 127], 0.25))[1].meaning == (300 - 128 * 127) * 0.125


def test_products_of_long_vectors_are_exact_too(index):
    codes = [-128] * 5000
    index.apply([Put(1, 1, "Cats", ""), Embed(2, 1, vector(codes, 1.0))], 2)
    assert found(index, "x", vector=vector([-128] * 4999 + [127], 1.0))[1].meaning == 128 * 128 * 4999 - 128 * 127


def test_a_vector_belongs_to_the_text_that_was_open(index):
    index.apply(
        [Put(1, 1, "Cats", ""), Embed(2, 1, vector(NORTH)), Put(3, 1, "Dogs", ""), Embed(4, 9, vector(NORTH))], 4
    )
    assert found(index, "dogs", vector=vector(NORTH))[1].meaning is None
    assert found(index, "cats", vector=vector(NORTH), at=2)[1].meaning == pytest.approx(1)
    assert found(index, "cats", vector=vector(NORTH), at=1)[1].meaning is None


def test_a_new_vector_replaces_the_old_from_its_number_on(index):
    index.apply([Put(1, 1, "Cats", ""), Embed(2, 1, vector(NORTH)), Embed(3, 1, vector(EAST))], 3)
    assert [found(index, "cats", vector=vector(NORTH), at=at)[1].meaning for at in (2, 3)] == pytest.approx([1, 0])


def test_the_nearest_papers_go_by_the_newest_vectors(index):
    index.apply([Put(n, n, "Cats", "") for n in range(1, 4)], 3)
    index.apply([Embed(3 + n, n, vector(v)) for n, v in enumerate([NORTH, NORTH, EAST], 1)], 6)
    index.apply([Embed(7, 1, vector(EAST))], 7)
    assert [paper for paper, _ in index.nearest(1)] == [3, 2]
    assert [paper for paper, _ in index.nearest(1, at=6)] == [2, 3]
    assert [paper for paper, _ in index.nearest(2)] == [1, 3]


def test_vectors_of_another_dimension_are_not_compared(index):
    index.apply(
        [Put(1, 1, "Cats", ""), Embed(2, 1, vector(NORTH)), Put(3, 2, "Dogs", ""), Embed(4, 2, vector([1, 2, 3]))], 4
    )
    both = found(index, "cats dogs", vector=vector(NORTH))
    assert (both[1].meaning, both[2].meaning) == (pytest.approx(1), None)
    assert list(index.nearest(1)) == []


def test_the_nearest_papers_leave_out_the_paper_itself_and_the_withdrawn(index):
    index.apply([Put(n, n, "Cats", "") for n in range(1, 5)], 4)
    index.apply([Embed(4 + n, n, vector(v)) for n, v in enumerate([NORTH, EAST, BETWEEN, NORTH], 1)], 8)
    assert [paper for paper, _ in index.nearest(1)] == [4, 3, 2]
    index.apply([Withdraw(9, 4)], 9)
    assert [paper for paper, _ in index.nearest(1)] == [3, 2]
    assert [paper for paper, _ in index.nearest(1, depth=1, at=8)] == [4]


@pytest.mark.parametrize(
    "text", ["\0", "\ud800", "x" * 100_000, "🙂" * 50, "$" * 999, "{" * 999, "\u202eמודל", "", "\ufdfa" * 99]
)
def test_hostile_text_is_indexed_without_harm(index, text):
    index.apply([Put(1, 1, text, text, (text,), (text,), (text,)), Put(2, 2, "Cats", text + " cats")], 2)
    assert list(found(index, "cats")) == [2]
    index.apply([Erase(3, 1)], 3)
    assert list(index.papers(2)) == [2]


def test_searches_see_whole_batches_while_others_write(index):
    """Each batch keeps the number of cats at ten: whoever sees another number has seen half a batch."""
    index.apply([Put(paper, paper, "Cats", "") for paper in range(1, 11)], 10)

    totals = []

    def write():
        start = 11
        while start == 11 or (len(totals) < 50 and start < 100_000):
            swaps = [
                (Withdraw(start + 2 * n, n + 1), Put(start + 2 * n + 1, n + 1, "Cats", "again")) for n in range(10)
            ]
            index.apply([change for swap in swaps for change in swap], start + 19)
            start += 20

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            totals.append(index.search(parse("cats")).total)
        writing.result()
    assert totals.count(10) == len(totals)
    assert index.position > 10
