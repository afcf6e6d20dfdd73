"""A folder of PDFs as a source: each file that is new or changed becomes a record, or a fault that names it."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from broadsheet.papers import Identifier, PaperError, Record, Version
from broadsheet.sources.errors import SourceError
from broadsheet.sources.paging import Found
from broadsheet.sources.pdf_paper import Reading, read_sheet
from broadsheet.sources.pdf_reading import read_pdf, require_reader
from broadsheet.sources.source import Fault, Page

PAGE_SIZE = 20
"""How many files are stored at once: each takes a moment to read."""
MOST_FILES = 200_000
_MOST_DEEP = 40
_LINK = "link"


@dataclass
class PdfFolder:
    """The PDFs in a folder and in those under it; links are not followed, and hidden files are passed over.

    `seen` gives the mark of each file as of when it was last read, `note` keeps the marks of files that were read, once
    their papers are stored. A file is known by a digest of its path in the folder, so that nothing else is kept of it.
    """

    folder: Path
    name: str
    seen: Callable[[], Mapping[str, str]] = dict
    note: Callable[[Mapping[str, str]], None] = lambda marks: None
    gone: list[str] = field(default_factory=list)
    """After a harvest, the files that were there before and are no more; their papers stay."""
    count: int = 0
    """And how many there are."""
    _unopened: set[str] = field(default_factory=set)

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield pages of what is new or changed. Raises SourceError where the folder cannot be read.

        What a killed run stored is among the files seen, so no cursor is needed to go on.
        """
        require_reader()
        with self._open_root() as root:
            faults: list[Fault] = []
            files = sorted(self._list(faults))
            seen, self.count = self.seen(), len(files)
            self.gone = sorted(seen.keys() - {_digest(path) for path, _ in files})
            due = [(path, mark) for path, mark in files if seen.get(_digest(path)) != mark]
            for start in range(0, max(1, len(due)), PAGE_SIZE):
                batch = due[start : start + PAGE_SIZE]
                found = [self._read(root, path, mark) for path, mark in batch]
                faults += [one for one in found if isinstance(one, Fault)]
                records = tuple(one for one in found if isinstance(one, Record))
                done = start + len(batch)
                yield Page(records, tuple(faults), str(done) if done < len(due) else None, len(due), done)
                self.note({_digest(path): mark for path, mark in batch if path not in self._unopened})
                faults = []

    @contextmanager
    def _open_root(self) -> Iterator[int]:
        try:
            root = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise SourceError(f"the folder {self.folder} cannot be read: {error.strerror}") from error
        try:
            yield root
        finally:
            os.close(root)

    def _list(self, faults: list[Fault]) -> Iterator[tuple[str, str]]:
        """The path in the folder and the mark of each PDF; what cannot be looked into becomes a fault."""
        waiting, count = [""], 0
        while waiting:
            within = waiting.pop()
            try:
                here = list(os.scandir(self.folder / within))
            except OSError as error:
                faults.append(Fault(_shown(within), f"the folder cannot be looked into: {error.strerror}"))
                continue
            for one in here:
                path = str(Path(within, one.name))
                is_pdf = one.name.lower().endswith(".pdf")
                if one.name.startswith("."):
                    continue
                if one.is_symlink():
                    if is_pdf and not self._is_inside(one.path):
                        yield path, _LINK
                elif one.is_dir(follow_symlinks=False):
                    if path.count(os.sep) < _MOST_DEEP:
                        waiting.append(path)
                elif is_pdf and one.is_file(follow_symlinks=False):
                    count += 1
                    if count > MOST_FILES:
                        raise SourceError(f"{self.folder} holds more than {MOST_FILES:,} PDFs; watch several folders")
                    about = one.stat(follow_symlinks=False)
                    yield path, f"{about.st_size} {about.st_mtime_ns}"

    def _is_inside(self, link: str) -> bool:
        return Path(link).resolve().is_relative_to(self.folder.resolve())

    def _read(self, root: int, path: str, mark: str) -> Found:
        place = _shown(path)
        if mark == _LINK:
            return Fault(place, "it is a link that leads out of the folder, and was not followed")
        try:
            with open_beneath(root, path) as file:
                reading = read_sheet(read_pdf(file))
            return _record(reading, self.name, place)
        except OSError as error:
            self._unopened.add(path)
            return Fault(place, f"it cannot be opened: {error.strerror}")
        except (SourceError, PaperError) as error:
            return Fault(place, str(error))


def _record(reading: Reading, name: str, place: str) -> Record | Fault:
    """A record of what was read, or why there is none."""
    if not reading.title:
        return Fault(place, _why_no_title(reading))
    version = Version(reading.title, reading.abstract, reading.authors, reading.topics, published=reading.day)
    return Record(name, reading.identifiers, version, place=place, is_guess=True)


def _why_no_title(reading: Reading) -> str:
    named = best(reading.identifiers)
    if named:
        return f"its first page names {named}, but no title could be read from it; bring it in by that name instead"
    if not reading.has_text:
        return "its first pages hold no text; it may be a scan"
    return "no title could be read from its first page"


def best(identifiers: tuple[Identifier, ...]) -> Identifier | None:
    """The name to tell people."""
    return next((name for name in identifiers if name.scheme == "arxiv"), next(iter(identifiers), None))


@contextmanager
def open_beneath(root: int, path: str) -> Iterator[int]:
    """Open a file in an open folder, none of its parts a link, even if one was just put there."""
    *folders, last = Path(path).parts
    here = os.dup(root)
    try:
        for part in folders:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = deeper
        file = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    finally:
        os.close(here)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise SourceError("it is not a regular file")
        yield file
    finally:
        os.close(file)


def _digest(path: str) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


def _shown(path: str) -> str:
    """A path for messages, whatever bytes it has."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")[:500] or "."
