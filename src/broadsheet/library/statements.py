"""What each source last said of papers, as the tables keep it.

A statement whose text is that of a version is kept as that version's digest alone; only what differs from everything
that was ever shown is written out. So a paper of one source takes no more room than its versions.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from broadsheet.library.models import Paper, Statement, Version
from broadsheet.library.saying import FIELDS, Saying, read, written

Spot = tuple[str, str]
"""A source, and what tells its records of one paper apart, mostly nothing."""


def spot_of(statement: Statement) -> Spot:
    """Whose word a statement is."""
    return statement.source, statement.about


def load_sayings(
    alias: str, statements: Iterable[Statement], latest: Collection[Version] = ()
) -> dict[int, dict[Spot, Saying]]:
    """What sources say of papers, by paper: one query at most, of papers of which more than the latest text is needed.

    What an earlier Broadsheet did not keep is taken from the last version that the source brought.
    """
    statements = list(statements)
    known = {version.paper_id: version for version in latest}
    unknown = {
        row.paper_id
        for row in statements
        if not (row.paper_id in known and known[row.paper_id].digest == row.digest and row.seq)
        and not (row.said and row.seq)
    }
    earlier: defaultdict[int, list[Version]] = defaultdict(list)
    for version in Version.objects.using(alias).filter(paper__in=unknown).order_by("born") if unknown else ():
        earlier[version.paper_id].append(version)
    found: defaultdict[int, dict[Spot, Saying]] = defaultdict(dict)
    for row in statements:
        versions = earlier.get(row.paper_id) or ([known[row.paper_id]] if row.paper_id in known else [])
        if saying := _saying(row, versions):
            found[row.paper_id][spot_of(row)] = saying
    return found


def sayings_of(alias: str, version: Version) -> dict[Spot, Saying]:
    """What each source says of the paper of an open or last version. Two queries at most."""
    statements = Statement.objects.using(alias).filter(paper=version.paper_id)
    return load_sayings(alias, statements, [version]).get(version.paper_id, {})


def move(alias: str, row: Statement, saying: Saying | None, paper: Paper, about: str) -> None:
    """Have a statement told of another paper, written out, since that one's versions do not have its text."""
    row.paper, row.about = paper, about
    if saying:
        row.said, row.seq, row.since = written(saying.text), saying.seq, dict(saying.since)
    row.save(using=alias)


def _saying(row: Statement, versions: list[Version]) -> Saying | None:
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
