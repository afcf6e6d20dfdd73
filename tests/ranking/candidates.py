"""Small sets of candidates to choose from, and the slow and certain ways of choosing that the fast ones are held to."""

import math
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from broadsheet.ranking import Candidate, Quotas, value

AXES = np.eye(3, dtype=np.float32)
VECTORS = [*AXES, -AXES[0], np.array([0.6, 0.8, 0], dtype=np.float32)]
WORTHS = [0.0, 0.25, 1.0, 2.0, 3.0, 4.0, 9.0]  # their sums are exact, so ties are ties

PAPERS = st.integers(0, 30)

quotas = st.builds(Quotas, *[st.none() | st.integers(0, 3)] * 3)


def candidates(vectors=tuple(VECTORS), numbers=PAPERS):
    """One candidate; the topics, sources and authors are few, so that many share them."""
    return st.builds(
        Candidate,
        numbers,
        st.sampled_from(WORTHS),
        st.lists(st.sampled_from("ab"), max_size=2).map(tuple),
        st.sampled_from(["", "arXiv", "HAL"]),
        st.sampled_from(["", "ann", "bo"]),
        st.sampled_from([None, *vectors]),
    )


def sets(most=9, **options):
    return st.lists(candidates(**options), max_size=most, unique_by=lambda candidate: candidate.paper)


def keeps(chosen, quotas):
    """Whether no quota is broken, counted anew."""
    for name, most in (("topic", quotas.topic), ("source", quotas.source), ("author", quotas.author)):
        known = [group for group in (getattr(candidate, name) for candidate in chosen) if group]
        if most is not None and any(known.count(group) > most for group in known):
            return False
    return True


def best_value(papers, size, quotas):
    """The best of all sets that keep the quotas."""
    every = (chosen for n in range(size + 1) for chosen in combinations(papers, n) if keeps(chosen, quotas))
    return max(map(value, every))


def choose_slowly(papers, size, quotas):
    """The greedy rule as it is told: everybody is asked at every step, by the value itself."""
    chosen = []
    while len(chosen) < size:
        rest = [paper for paper in papers if paper not in chosen and keeps([*chosen, paper], quotas)]
        if not rest:
            break
        now = value(chosen)
        chosen.append(
            min(rest, key=lambda paper: (-round(value([*chosen, paper]) - now, 9), -paper.worth, paper.paper))
        )
    return chosen


def numbers(choices):
    return [choice.candidate.paper for choice in choices]


def total(choices):
    return math.fsum(choice.gain for choice in choices)


def many(count, has_vectors, seed=0, first=0):
    """Papers as a large site has them: 150 topics of which few are large, four sources, worths that spread widely."""
    dice = np.random.default_rng(seed)
    topics = dice.zipf(1.2, count) % 150
    sources = dice.choice(["arXiv", "HAL", "bioRxiv", "Zenodo"], count, p=[0.85, 0.08, 0.05, 0.02])
    authors = dice.integers(0, count // 3 + 1, count)
    worths = np.exp(dice.normal(size=count) * 0.7)
    centres = dice.normal(size=(150, 32))
    vectors = centres[topics] * 0.6 + dice.normal(size=(count, 32))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return [
        Candidate(
            first + i,
            float(worths[i]),
            (f"topic {topics[i]}",),
            str(sources[i]),
            f"author {authors[i]}",
            vectors[i] if has_vectors else None,
        )
        for i in range(count)
    ]
