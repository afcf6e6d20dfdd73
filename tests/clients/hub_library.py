"""The small library that clients of the Hugging Face Hub read in tests: days long gone, so that no clock matters."""

from datetime import UTC, date, datetime
from typing import Any

TITLE = "Paging with $O(\\log n)$ bits: a naïve “proof” 数, <b>bold</b> & \u202eodd"
MAY, MONDAY, TUESDAY = date(2025, 5, 30), date(2025, 6, 2), date(2025, 6, 3)


def fill() -> str:
    """Two days of papers: a title with everything in it, a submission with votes, a DOI alone, one withdrawn.

    The secret of a token that may write is what a test of writing needs.
    """
    from broadsheet.community import claims, comments, tokens, voting
    from broadsheet.community.models import Reader, Submission
    from broadsheet.library import Library
    from broadsheet.papers import Author, Identifier, Link, Record, Version

    def record(key: str, title: str, source: str = "arxiv", links: tuple[str, ...] = (), **fields: Any) -> Record:
        authors = (Author("Ada Byron"), Author("Émilie du Châtelet"))
        version = Version(title, authors=authors, links=tuple(Link("code", link) for link in links), **fields)
        return Record(source, (Identifier.parse(key),), version)

    library, now = Library.open(model="none"), datetime.now(UTC)
    links = ("https://github.com/ann/paging", "https://huggingface.co/ann/oracle", "https://hf.co/datasets/ann/traces")
    library.put(
        [
            record("2506.00001", TITLE, links=links, abstract="Caches ask an oracle.", announced=MONDAY, published=MAY),
            record("2506.00002", "Brought by a reader", announced=MONDAY),
            record("2506.00003", "Withdrawn", abstract="Caches that were.", announced=MONDAY),
            record("10.1145/3292500.3330919", "Known by its DOI", source="crossref", announced=TUESDAY),
        ]
    )
    ann = Reader.objects.create_user("ann", "ann@example.org", name="Ann Lee")
    bo = Reader.objects.create_user("bo", "bo@example.org", role="editor")
    first, brought = library.find("2506.00001"), library.find("2506.00002").paper_id
    for reader in (ann, bo):
        voting.vote(reader, brought, now)
    Submission.objects.create(paper_id=brought, reader=ann, day=MONDAY, at=now)
    claims.accept(bo, claims.claim(ann, first, "Ada Byron", "", now).pk, now)
    comments.write(ann, first.paper_id, "Ask me.", now)
    library.withdraw("2506.00003")
    return tokens.issue(ann, "a client", ("read", "write"), now)[1]
