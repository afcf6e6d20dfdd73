"""What people decide about papers, as part of `Library`: taking out, taking apart, making one of two."""

from collections.abc import Callable, Collection
from datetime import datetime

from broadsheet.library import merging, reading, removing, snapshots, splitting
from broadsheet.library.models import Merge, Paper, Version
from broadsheet.library.provenance import Origin, provenance
from broadsheet.library.vocabulary import Vocabulary


class Editing:
    """The part of `Library` that changes papers by hand."""

    alias: str
    clock: Callable[[], datetime]
    vocabulary: Vocabulary

    def withdraw(self, text: str) -> None:
        """Take a paper out of every list and search of now; searches as of earlier still find it. Raises NotFound."""
        removing.withdraw(self.alias, reading.find_paper(self.alias, text), self.clock())

    def erase(self, text: str) -> None:
        """Remove a paper's text, and that of papers made one with it, from everywhere, for good. Raises NotFound."""
        removing.erase(self.alias, reading.find_paper(self.alias, text), self.clock())
        snapshots.discard_erased(self.alias, 0)
        self.vocabulary.forget()

    def split(self, text: str, names: Collection[str]) -> str:
        """Make a paper of its own of what bears these of a paper's names; return its key.

        Given the address of a paper that was merged into this one, that paper stands again as it came.
        Raises NotFound, and LibraryError for names that cannot be split off.
        """
        return splitting.split(self.alias, reading.find_paper(self.alias, text), names, self.clock())

    def merge(self, text: str, other: str) -> bool:
        """Make one paper of two, the first of which keeps its address; say whether they were two.

        Raises NotFound, and LibraryError for one paper twice and for papers that were withdrawn or erased.
        """
        kept, absorbed = reading.find_paper(self.alias, text), reading.find_own_paper(self.alias, other)
        return merging.merge(self.alias, kept, absorbed, self.clock())

    def find_own_paper(self, text: str) -> Paper:
        """As `find_paper`, but at its own address a paper that was merged into another is itself. Raises NotFound."""
        return reading.find_own_paper(self.alias, text)

    def merges(self, version: Version) -> list[Merge]:
        """The papers that were made one with a paper, the latest first."""
        return merging.absorbed(self.alias, version.paper)

    def provenance(self, version: Version) -> tuple[Origin, ...]:
        """Where each field of an open version is from, and what else sources say of it."""
        return provenance(self.alias, version)
