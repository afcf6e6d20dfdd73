"""Many search while one writes: every answer is that of one state, whole batches only."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from journals import columns

from broadsheet.search import Embed, Erase, NativeIndex, Put, ReferenceIndex, Vector, Withdraw, parse

pytestmark = pytest.mark.slow

FAMILY = 6
IDENTITY = "library of the tests"


def make_batches(rounds):
    """Batches that put, revise, embed, withdraw or erase six papers at once, all of which say "every"."""
    chance, seq, families, batches = np.random.default_rng(1), 0, 0, []
    for number in range(rounds):
        kind = chance.choice(
            ["put", "put", "put", "revise", "embed", "withdraw", "erase"], p=[0.2, 0.2, 0.1, 0.2, 0.2, 0.08, 0.02]
        )
        family = families if kind == "put" else int(chance.integers(families + 1))
        families += kind == "put"
        batch = []
        for member in range(FAMILY):
            seq += 1
            paper = family * FAMILY + member + 1
            if kind in ("put", "revise"):
                batch.append(Put(seq, paper, f"every f{family % 5}", f"b{number} w{number % 11} w{member}"))
            elif kind == "embed":
                batch.append(Embed(seq, paper, Vector(chance.integers(-128, 128, 16).astype(np.int8), 0.01)))
            else:
                batch.append((Withdraw if kind == "withdraw" else Erase)(seq, paper))
        batches.append(batch)
    return batches


class Looker:
    """One thread that searches until it is told to stop, and keeps what does not look like one whole state."""

    def __init__(self, index, seed) -> None:
        self.index, self.chance, self.searches = index, np.random.default_rng(seed), 0

    def look(self, is_over: threading.Event) -> int:
        while not is_over.is_set() or self.searches < 3:
            self.look_once()
            self.searches += 1
        return self.searches

    def look_once(self) -> None:
        index, depth = self.index, int(self.chance.choice([1, 10, 500]))
        vector = Vector(self.chance.integers(-128, 128, 16).astype(np.int8), 0.02)
        found = index.search(parse("every w3"), vector, depth)
        assert found.total % FAMILY == 0
        assert len(set(found.papers.tolist())) == len(found.papers) <= 3 * depth
        assert all(match.words == pytest.approx(sum(match.terms.values())) for match in found.matches[:3])
        batch = index.search(parse(f"b{self.chance.integers(600)}"), depth=50)
        assert batch.total in (0, FAMILY)
        assert len(batch.papers) == batch.total
        assert index.search(parse('"f3 every" f3'), depth=depth).total == 0  # the words stand the other way round
        papers = index.papers()
        assert len(papers) % FAMILY == 0
        assert papers == sorted(set(papers))
        assert len(index.nearest(papers[0], 3)) <= 3 if papers else True


@pytest.mark.parametrize("block_slots", [7, 256])
def test_every_answer_is_of_one_state_while_batches_come(tmp_path, block_slots):
    index, batches, is_over = NativeIndex(block_slots), make_batches(600), threading.Event()
    with ThreadPoolExecutor(3) as pool:
        looking = [pool.submit(Looker(index, seed).look, is_over) for seed in range(3)]
        try:
            for number, batch in enumerate(batches):
                index.apply(batch, batch[-1].seq)
                if number % 90 == 50:
                    index.compact()
                if number % 90 == 80:
                    index.save(tmp_path / "snapshot", IDENTITY)
        finally:
            is_over.set()
        assert all(done.result() for done in looking)
    reference = ReferenceIndex()
    reference.apply([change for batch in batches for change in batch], batches[-1][-1].seq)
    loaded = NativeIndex.load(tmp_path / "snapshot", IDENTITY)
    loaded.apply([change for batch in batches for change in batch], reference.position)
    for at in (None, reference.position // 2):
        expected = columns(reference.search(parse("every w3"), depth=50, at=at))
        assert columns(index.search(parse("every w3"), depth=50, at=at)) == expected
        assert columns(loaded.search(parse("every w3"), depth=50, at=at)) == expected


def test_a_search_at_an_earlier_number_gives_the_same_for_ever():
    """What was so at a number stays so, whatever comes, but for what is erased."""
    batches = [[change for change in batch if not isinstance(change, Erase)] for batch in make_batches(700)]
    batches = [batch for batch in batches if batch]
    index, is_over = NativeIndex(64), threading.Event()
    for batch in batches[:200]:
        index.apply(batch, batch[-1].seq)
    at, vector = index.position, Vector(np.arange(16, dtype=np.int8), 0.01)
    texts = ["every w3", "f1", "w1 w2 w3 w4", '"every f2"', "b7", "every -w5"]
    expected = {text: columns(index.search(parse(text), vector, 20, at)) for text in texts}

    def look():
        seen = []
        while not is_over.is_set() or not seen:
            now = index.position
            for text in texts:
                assert columns(index.search(parse(text), vector, 20, at)) == expected[text]
                seen.append((now, text, columns(index.search(parse(text), vector, 20, now))))
        return seen

    with ThreadPoolExecutor(3) as pool:
        looking = [pool.submit(look) for _ in range(3)]
        try:
            for number, batch in enumerate(batches[200:]):
                index.apply(batch, batch[-1].seq)
                if number % 40 == 20:
                    index.compact()
        finally:
            is_over.set()
        seen = [answer for done in looking for answer in done.result()]
    reference = ReferenceIndex()
    reference.apply([change for batch in batches for change in batch], index.position)
    for now, text, answer in seen[:: len(seen) // 200 + 1]:
        assert answer == columns(reference.search(parse(text), vector, 20, now))


def test_what_happens_to_a_block_while_it_is_packed_stays_and_an_erased_paper_goes():
    """Packing takes some milliseconds, in which some of these changes fall; which ones, no answer may tell."""
    chance, size = np.random.default_rng(5), 2_048
    first = [Put(n, n, f"every f{n % 7}", f"b{n} w{n % 13} w{n % 17}") for n in range(1, size + 1)]
    later = []
    for seq in range(size + 1, 2 * size):
        paper = int(chance.integers(1, size + 1))
        change = [
            Put(seq, seq, f"every f{seq % 7}", f"b{seq} w{seq % 13}"),
            Put(seq, paper, f"every f{seq % 7}", f"b{seq} w{seq % 13}"),
            Embed(seq, paper, Vector(chance.integers(-128, 128, 16).astype(np.int8), 0.01)),
            Withdraw(seq, paper),
        ][int(chance.integers(4))]
        later.append(change)
    later[1_500] = Erase(later[1_500].seq, later[3].paper)
    native, reference = NativeIndex(size // 2), ReferenceIndex()
    native.apply(first, size)
    for change in later:
        native.apply([change], change.seq)
    reference.apply([*first, *later], later[-1].seq)
    vector = Vector(np.arange(16, dtype=np.int8), 0.02)
    for _ in range(2):
        for at in (None, size, size + 40, size + 400, size + 1_200):
            for text in ("every w3", "f1 w5", "b77", "every -w2"):
                expected = columns(reference.search(parse(text), vector, 20, at))
                assert columns(native.search(parse(text), vector, 20, at)) == expected
        native.compact()
