"""Vectors that are kept: one abstract takes as long to embed as thousands of searches."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from broadsheet.evaluation.keeping import Kept, key_of
from broadsheet.evaluation.telling import Tell, silently
from broadsheet.search import Embedder, Vector, quantise

_AT_ONCE = 256

Make = Callable[[Sequence[str]], list[Vector]]


class KeptVectors:
    """The vectors of one encoder, kept under the encoder's name and the hash of the text.

    What is made is kept in steps, so a run that is stopped goes on where it was. What counts of it is the direction:
    each vector comes back with the scale that a vector has now. Raises EvaluationError for a folder in which nothing
    can be kept.
    """

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.embedder = embedder
        self._kept = Kept(folder, "vectors", "text BLOB PRIMARY KEY, codes BLOB, scale REAL")

    def close(self) -> None:
        """Let go of the file."""
        self._kept.close()

    def of_passages(self, texts: Sequence[str], tell: Tell = silently) -> list[Vector]:
        """The vectors of texts to be found, in their order; those that are not kept yet are made."""
        keys = [key_of(self.embedder.name, text) for text in texts]
        return self._of(
            keys, texts, self.embedder.embed_passages, lambda done, all_: tell("embedding papers", done, all_)
        )

    def of_queries(self, texts: Sequence[str], tell: Tell = silently) -> list[Vector]:
        """The vectors of texts to find others by, in their order; those that are not kept yet are made."""

        def make(some: Sequence[str]) -> list[Vector]:
            with ThreadPoolExecutor() as pool:
                return list(pool.map(self.embedder.embed_query, some))

        keys = [key_of(self.embedder.name, "query", text) for text in texts]
        return self._of(keys, texts, make, lambda done, all_: tell("embedding queries", done, all_))

    def _of(
        self, keys: Sequence[bytes], texts: Sequence[str], make: Make, tell: Callable[[int, int], None]
    ) -> list[Vector]:
        rows = self._kept.read(list(dict.fromkeys(keys)))
        known = {key: quantise(np.frombuffer(codes, np.int8).astype(np.float32)) for key, (codes, _) in rows.items()}
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
        for first in range(0, len(missing), _AT_ONCE):
            tell(first, len(missing))
            some = missing[first : first + _AT_ONCE]
            made = dict(zip((key for key, _ in some), make([text for _, text in some]), strict=True))
            self._kept.keep({key: (vector.codes.tobytes(), vector.scale) for key, vector in made.items()})
            known |= made
        return [known[key] for key in keys]
