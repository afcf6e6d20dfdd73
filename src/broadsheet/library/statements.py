"""What each source last said of papers, as the tables keep it.

A statement whose text is that of a version is kept as that version's digest alone; only what differs from everything
that was ever shown is written out. So a paper of one source takes no more room than its versions.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from broadsheet.library.models import Paper, Statement, Version
from broadsheet.library.saying import FIELDS, Saying, read, written

Spot = tuple[str, str]
"""A source, and what tells its records of one paper apart, mostly nothing."""


def spot_of(statement: Statement) -> Spot:
    """Whose word a statement is."""
    return statement.source, statement.about


def versions_behind(alias: str, statements: Iterable[Statement], latest: Iterable[Version]) -> dict[int, list[Version]]:
    """The versions, oldest first, that hold what these statements say, by paper.

    One query at most, of papers of which more than the latest version is needed.
    """
    known = {version.paper_id: version for version in latest}
    found: defaultdict[int, list[Version]] = defaultdict(list)
    needed = {row.paper_id for row in statements if not _is_told_by(row, known.get(row.paper_id))}
    for version in Version.objects.using(alias).filter(paper__in=needed).order_by("born") if needed else ():
        found[version.paper_id].append(version)
    return {number: [version] for number, version in known.items()} | found


def sayings(statements: Iterable[Statement], versions: Sequence[Version]) -> dict[Spot, Saying]:
    """What sources say of a paper by their statements, the versions behind which are these.

    What an earlier Broadsheet did not keep is taken from the last version that the source brought.
    """
    found = {spot_of(row): _saying(row, versions) for row in statements}
    return {spot: saying for spot, saying in found.items() if saying}


def is_kept(row: Statement, versions: Iterable[Version]) -> bool:
    """Whether it is known what exactly a statement says."""
    return row.said is not None or any(version.digest == row.digest for version in versions)


def sayings_of(alias: str, version: Version) -> dict[Spot, Saying]:
    """What each source says of the paper of an open or last version. Two queries at most."""
    statements = list(Statement.objects.using(alias).filter(paper=version.paper_id))
    return sayings(statements, versions_behind(alias, statements, [version]).get(version.paper_id, ()))


def move(alias: str, row: Statement, saying: Saying | None, paper: Paper, about: str) -> None:
    """Have a statement told of another paper, written out, since that one's versions do not have its text."""
    row.paper, row.about = paper, about
    if saying:
        row.said, row.seq, row.since = written(saying.text), saying.seq, dict(saying.since)
    row.save(using=alias)


def _is_told_by(row: Statement, latest: Version | None) -> bool:
    """Whether no more than the latest version is needed to know what a statement says, and since when."""
    is_known = row.said is not None or (latest is not None and latest.digest == row.digest)
    return is_known and (bool(row.seq) or (latest is not None and latest.source == row.source))


def _saying(row: Statement, versions: Sequence[Version]) -> Saying | None:
    """What a statement says; None where nothing of it was kept."""
    own = [version for version in versions if version.source == row.source]
    same = [version for version in versions if version.digest == row.digest]
    seq = row.seq or (own[-1].born if own else 0)
    since = dict.fromkeys(FIELDS, seq) | (row.since or {})
    if row.said:
        return Saying(row.source, row.about, read(row.said), since, seq)
    if same:
        return Saying(row.source, row.about, same[-1].text, since, seq)
    return Saying(row.source, row.about, own[-1].text, since, seq, is_exact=False) if own else None
