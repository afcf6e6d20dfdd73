"""What is a paper, and when are two the same? Identifiers, authors, versions, records, text. Standard library only."""

from broadsheet.papers.author import Author
from broadsheet.papers.errors import IdentifierError, PaperError, RecordError
from broadsheet.papers.identifier import Identifier
from broadsheet.papers.record import Link, Record, Version

__all__ = ["Author", "Identifier", "IdentifierError", "Link", "PaperError", "Record", "RecordError", "Version"]
