"""Standing queries against a naive oracle: each query alone on each paper, with loops."""

import random
from collections.abc import Callable
from datetime import date
from itertools import accumulate

import naive_index
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import Put, Query, QueryError
from broadsheet.search import standing as room
from broadsheet.search.analysis import analyse
from broadsheet.search.standing import StandingQueries, Text, keys_of

WORDS = ["page", "pages", "caching", "low-rank", "the", "of", "Gödel", "2.5", "graph", "neural", "x"]
NAMES = ["Ann Lee", "Lee, A.", "John Smith", "S. Smith", "O'Brien, J.-P.", "Łukasz", "王"]
TOPICS = ["cs.LG", "cs.IR", "astro-ph.CO", "online algorithms", "cs"]
NUMBERS = ["arxiv:2611.00001", "arxiv:2611.00002", "doi:10.1000/x"]
DAYS = [date(2026, 11, 20), date(2026, 11, 21), date(2026, 12, 1)]

phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
puts = st.builds(
    Put,
    seq=st.just(1),
    paper=st.just(1),
    title=st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join),
    abstract=st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    authors=st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
    topics=st.lists(st.sampled_from(TOPICS), max_size=3).map(tuple),
    identifiers=st.lists(st.sampled_from(NUMBERS), max_size=2).map(tuple),
    day=st.none() | st.sampled_from(DAYS),
)
parts = st.one_of(
    st.sampled_from(WORDS),
    phrases.map('"{}"'.format),
    phrases.map('title:"{}"'.format),
    st.sampled_from([*NAMES, "A L", "L", "Smith"]).map('author:"{}"'.format),
    st.sampled_from([*TOPICS, "astro-ph"]).map('topic:"{}"'.format),
    st.sampled_from(NUMBERS).map("id:{}".format),
    st.sampled_from(["after:2026-11-21", "before:2026-12", "after:2026", "before:2026"]),
)
queries = st.lists(st.tuples(st.sampled_from(["", "", "-"]), parts), min_size=1, max_size=4).map(
    lambda chosen: " ".join(f"{minus}{part}" for minus, part in chosen)
)


def read(texts: list[str]) -> dict[int, Query]:
    found = {}
    for number, text in enumerate(texts):
        try:
            found[number] = Query.parse(text)
        except QueryError:
            continue
    return found


def naive(query: Query, put: Put) -> bool:
    """One query on one paper, by the loops of the naive index."""
    paper = naive_index.Paper(put, analyse(put.title), analyse(put.abstract))
    if not all(any(term in field for field in paper.fields) for term in query.terms):
        return False
    if any(naive_index.holds(paper, clause) for clause in query.excluded):
        return False
    return all(naive_index.holds(paper, clause) for clause in query.required)


@given(st.lists(queries, max_size=12), st.lists(puts, min_size=1, max_size=6), st.data())
def test_many_queries_at_once_find_what_each_finds_alone(texts, papers, data):
    held = read(texts)
    standing = StandingQueries()
    for number, query in held.items():
        standing.add(number, query)
    taken = data.draw(st.sets(st.sampled_from(sorted(held)))) if held else set()
    cut = data.draw(st.integers(0, len(papers)))
    found = standing.match(papers[:cut])
    for number in taken:
        standing.remove(number)
    found += standing.match(papers[cut:])
    for place, (put, numbers) in enumerate(zip(papers, found, strict=True)):
        wanted = held if place < cut else {number: held[number] for number in held if number not in taken}
        assert numbers == {number for number, query in wanted.items() if naive(query, put)}


@given(queries, puts)
def test_whatever_matches_has_every_key_of_the_query(text, put):
    for query in read([text]).values():
        if naive(query, put):
            assert keys_of(query) <= set(Text(put).keys())


def test_all_words_have_to_occur_which_a_search_does_not_ask_for():
    standing = StandingQueries()
    standing.add(1, Query.parse("caching predictions"))
    put = Put(1, 1, "Caching with a prediction", "")
    assert standing.match([put, Put(1, 2, "Caching", "")]) == [{1}, set()]


def test_a_number_holds_the_query_it_was_given_last_and_none_once_removed():
    standing, put = StandingQueries(), Put(1, 1, "Caching", "of graphs")
    standing.add(1, Query.parse("caching"))
    standing.add(1, Query.parse("trees"))
    standing.add(2, Query.parse("graphs"))
    assert (standing.match([put]), len(standing)) == ([{2}], 2)
    standing.remove(2)
    standing.remove(2)
    assert (standing.match([put]), len(standing)) == ([set()], 1)


def speaker(seed: int, count: int) -> Callable[[int], str]:
    """Speaks some words, of which few are common and most are rare, as in any language."""
    chance, words = random.Random(seed), [f"w{number}" for number in range(count)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(count)))
    return lambda size: " ".join(chance.choices(words, cum_weights=weights, k=size))


def test_a_paper_is_compared_with_few_of_ten_thousand_queries():
    some_words = speaker(7, 20_000)
    standing = StandingQueries()
    for number in range(10_000):
        standing.add(number, Query.parse(some_words(number % 4 + 1)))
    papers = [Put(1, number, some_words(10), some_words(150)) for number in range(300)]
    found = sum(map(len, standing.match(papers)))
    assert found > 0
    assert standing.looked_at / len(papers) < 10_000 / 20
    assert standing.looked_at < 20 * found


def test_queries_that_mean_the_same_are_compared_once():
    standing = StandingQueries()
    for number, text in enumerate(["Graph caching", "caching of graphs", "graphs  caching"] * 1_000):
        standing.add(number, Query.parse(text))
    assert standing.match([Put(1, 1, "Caching graphs", "")]) == [set(range(3_000))]
    assert standing.looked_at == 1


def test_what_is_remembered_of_words_is_bounded(monkeypatch):
    monkeypatch.setattr(room, "MOST_COUNTED", 50)
    standing = StandingQueries()
    standing.add(1, Query.parse("common"))
    for start in range(0, 400, 10):
        [found] = standing.match([Put(1, 1, "common " + " ".join(f"w{n}" for n in range(start, start + 10)), "")])
        assert found == {1}
    assert len(standing._seen) <= 61
