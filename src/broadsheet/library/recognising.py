"""Which papers here some records are about, without storing anything of them."""

from collections.abc import Sequence

from broadsheet.library.putting import batched
from broadsheet.library.shelf import Shelf
from broadsheet.papers import Record

_AT_ONCE = 500


def recognise(alias: str, records: Sequence[Record]) -> list[int | None]:
    """For each record the number of the paper that it is about, as putting it would find it; None where none stands.

    By name, else by title, else by likeness: a fixed number of queries for each 500 records.
    """
    found: list[int | None] = []
    for batch in batched(records, _AT_ONCE):
        shelf = Shelf.load(alias, batch)
        for record in batch:
            shelved = shelf.find(record)
            stands = shelved and not (shelved.paper.withdrawn_at or shelved.paper.erased_at)
            found.append(shelved.paper.pk if shelved and stands else None)
    return found
