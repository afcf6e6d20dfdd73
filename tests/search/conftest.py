"""Every implementation of the index port, and the naive index that all are compared with."""

import sys
from pathlib import Path

import pytest

from broadsheet.search import NativeIndex, ReferenceIndex

sys.path.insert(0, str(Path(__file__).parent))  # for naive_index and journals


def small_blocks() -> NativeIndex:
    """The native index with blocks so small that a few changes pack and compact them."""
    return NativeIndex(block_slots=2)


IMPLEMENTATIONS = [ReferenceIndex, NativeIndex, small_blocks]


@pytest.fixture(scope="session", params=IMPLEMENTATIONS, ids=lambda make: make.__name__)
def make_index(request):
    """Make an empty index; each implementation in turn."""
    return request.param
