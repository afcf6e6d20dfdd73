"""The port that every source implements: pages of records, with what could not be read and where to go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from broadsheet.papers import Record


@dataclass(frozen=True, slots=True)
class Fault:
    """One record that could not be used: where it stood and why, as a sentence for the operator."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Page:
    """A batch of records in source order.

    `cursor` is where a run that stores this page continues, None after the last page. `total` is how many records the
    whole run will bring, as far as the source can tell. `done` is how many it has brought up to and with this page.
    """

    records: tuple[Record, ...]
    faults: tuple[Fault, ...] = ()
    cursor: str | None = None
    total: int | None = None
    done: int = 0


class Source(Protocol):
    """Something that papers come from. Harvesting twice brings the same records; killing it loses nothing."""

    name: str
    """Stable across runs: records of one source revise each other, records of two sources stand side by side."""

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield pages from the start, or from the cursor of an earlier run's last stored page.

        Records that cannot be read become faults on their page. Raises SourceError when the source itself cannot go
        on (truncated file, error answer, refused address); pages yielded before stay good.
        """
        ...
