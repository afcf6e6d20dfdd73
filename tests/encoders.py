"""Stand-ins for sentence encoders, which take seconds to load."""

import hashlib
from datetime import UTC, datetime

import numpy as np
from django.db import connections

from broadsheet.search import quantise


class Letters:
    """A text's vector is drawn from its digest and the encoder's name; it remembers what it read."""

    dimension = 16

    def __init__(self, name: str) -> None:
        self.name = name
        self.read: list[str] = []
        self.asked: list[str] = []

    def embed_passages(self, texts):
        self.read += texts
        return [self._drawn(text) for text in texts]

    def embed_query(self, text):
        self.asked.append(text)
        return self._drawn(text)

    def _drawn(self, text):
        seed = int.from_bytes(hashlib.sha256(f"{self.name}{text}".encode()).digest()[:8], "big")
        return quantise(np.random.default_rng(seed).normal(size=self.dimension))


class Interrupted(Letters):
    """Just before it reads its first texts, something happens in the library; an encoder may read in any thread."""

    def __init__(self, name: str, happen) -> None:
        super().__init__(name)
        self._happen = happen

    def embed_passages(self, texts):
        happen, self._happen = self._happen, lambda: None
        try:
            happen()
        finally:
            connections.close_all()
        return super().embed_passages(texts)


class Words(Letters):
    """The vector of a text is the sum of those of its words, so texts that share words are near."""

    def _drawn(self, text):
        words = [super(Words, self)._drawn(word) for word in text.lower().replace(".", " ").split()]
        return quantise(np.sum([word.codes * word.scale for word in words], axis=0) + 1e-3)


def searched_by(model: str) -> None:
    """Have the site's library searched by a model, as if it had made the vectors that a test puts there."""
    from broadsheet.library.models import Generation

    now = datetime(2026, 11, 1, tzinfo=UTC)
    Generation.objects.get_or_create(since=0, defaults={"model": model, "began_at": now, "seen_at": now})
