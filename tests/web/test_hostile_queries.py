"""Queries of every bad kind get an answer or a sentence that says what is wrong, never the page for crashes."""

import re

import pytest

from broadsheet.bench.hostile import hostile_addresses

_FAULT = re.compile(r'<div class="(fault|problem)".*?<p[^>]*>[^<]{10,}[.?]</p>', re.DOTALL)
WORDS = "the of and paging caching predictions lattices göd α low-rank".split()


@pytest.fixture(scope="module")
def addresses() -> list[str]:
    return hostile_addresses(400, 7, WORDS * 8)


def test_every_hostile_query_is_answered_or_refused_in_a_sentence(client, library, record, addresses):
    library.put([record(f"Paging and caching with low-rank predictions {n}", topics=("cs.LG",)) for n in range(30)])
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code in (200, 400), ascii(address[:200])
        if answer.status_code == 400:
            assert _FAULT.search(answer.content.decode()), ascii(address[:200])


def test_the_same_seed_gives_the_same_queries():
    assert hostile_addresses(50, 3, WORDS * 8) == hostile_addresses(50, 3, WORDS * 8)
    assert hostile_addresses(50, 3, WORDS * 8) != hostile_addresses(50, 4, WORDS * 8)
