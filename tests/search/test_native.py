"""The native index answers as the reference does, to the last bit, whatever happens to it in between."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journals import QUERIES, changes, columns, vectors

from broadsheet.search import NativeIndex, ReferenceIndex, parse

pytestmark = pytest.mark.slow

IDENTITY = "library of the tests"
PARSED = [parse(text) for text in QUERIES]

acts = st.lists(
    st.one_of(
        st.lists(changes, min_size=1, max_size=6),
        st.lists(changes, min_size=1, max_size=6),
        st.lists(changes, min_size=20, max_size=40),
        st.sampled_from(["compact", "restart", "pause"]),
    ),
    min_size=2,
    max_size=8,
)
patient = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Pair:
    """A native index and the reference, to which the same happens."""

    def __init__(self, folder: Path, block_slots: int) -> None:
        self.path, self.block_slots = folder / "snapshot", block_slots
        self.native, self.reference = NativeIndex(block_slots), ReferenceIndex()

    def act(self, act) -> None:
        position = self.reference.position
        if act == "compact":
            self.native.compact()
        elif act == "restart":
            self.restart()
        elif act == "pause":
            self.apply([], position + 3)
        else:
            self.apply([change(position + number) for number, change in enumerate(act, 1)], position + len(act))

    def apply(self, made, position) -> None:
        for index in (self.native, self.reference):
            index.apply(made, position)

    def restart(self) -> None:
        self.native.save(self.path, IDENTITY)
        assert NativeIndex.position_of(self.path) == self.native.position
        self.native = NativeIndex.load(self.path, IDENTITY, self.block_slots)

    def check(self, query, vector, depth, at) -> None:
        for near in (1, depth):
            mine, other = (index.search(query, vector, depth, at, near=near) for index in (self.native, self.reference))
            assert columns(mine) == columns(other)

    def answers(self, vector, numbers):
        """What the native index says of everything, to be compared with what it says later."""
        return [
            (columns(self.native.search(query, vector, depth, at)), self.native.papers(at))
            for at in numbers
            for query in PARSED
            for depth in (1, 50)
        ]


@patient
@given(
    acts=acts,
    block_slots=st.sampled_from([1, 2, 3, 7, 64]),
    vector=st.none() | vectors,
    depth=st.sampled_from([1, 2, 50]),
    data=st.data(),
)
def test_the_native_index_equals_the_reference_whatever_happens_to_both(acts, block_slots, vector, depth, data):
    with TemporaryDirectory() as folder:
        pair = Pair(Path(folder), block_slots)
        for act in acts:
            pair.act(act)
            assert (pair.native.position, pair.native.size) == (pair.reference.position, pair.reference.size)
            at = data.draw(st.none() | st.integers(0, pair.reference.position))
            assert list(pair.native.papers(at)) == list(pair.reference.papers(at))
            for query in PARSED:
                pair.check(query, vector, depth, at)
            for paper in range(1, 5):
                mine, other = (list(index.nearest(paper, depth, at)) for index in (pair.native, pair.reference))
                assert mine == other


@patient
@given(acts=acts, block_slots=st.sampled_from([1, 2, 5]), vector=vectors, data=st.data())
def test_packing_and_a_restart_change_no_answer(acts, block_slots, vector, data):
    with TemporaryDirectory() as folder:
        pair = Pair(Path(folder), block_slots)
        for act in acts:
            pair.act(act)
        at = data.draw(st.integers(0, pair.native.position))
        before = pair.answers(vector, [at, None])
        for act in data.draw(st.permutations(["compact", "restart", "compact", "restart"])):
            pair.act(act)
            assert pair.answers(vector, [at, None]) == before
