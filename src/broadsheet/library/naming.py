"""Papers named in a query by where they stand here: by the address of a page, or by one that leads to another paper."""

from dataclasses import replace
from urllib.parse import unquote, urlsplit

from broadsheet.library.errors import NotFound
from broadsheet.library.models import Merge, Name, Paper, Version
from broadsheet.library.reading import find_own_paper
from broadsheet.papers import Identifier, IdentifierError
from broadsheet.search import Query, parse
from broadsheet.search.clauses import ByIdentifier, Clause
from broadsheet.search.names import page_key

_PAGES = "/papers/"
_KEY, _URL = page_key(""), "url:"
_ENDINGS = (".bib", ".ris", ".json", ".md")


def read_query(alias: str, text: str, at: int | None = None) -> Query:
    """Read a query as typed, as of a change; where it names pages of this library, those papers are meant.

    A few queries of the database for each such name, else none. Raises QueryError.
    """
    query = parse(text)
    if not any(_is_address(clause) for clause in (*query.required, *query.excluded)):
        return query
    required, excluded = (
        tuple(_resolved(alias, clause, at) for clause in clauses) for clauses in (query.required, query.excluded)
    )
    return replace(query, required=required, excluded=excluded)


def addressed(version: Version) -> list[str]:
    """The identifiers of a version, and the key of its paper's page where that is none of them."""
    key, names = version.paper.key, version.identifiers
    if key in names or f"arxiv:{key}" in names or f"doi:{key}" in names:
        return list(names)
    return [*names, _name(key)]


def _is_address(clause: Clause) -> bool:
    if not isinstance(clause, ByIdentifier):
        return False
    name = clause.identifier
    return name.startswith(_KEY) or (name.startswith(_URL) and _PAGES in name)


def _resolved(alias: str, clause: Clause, at: int | None) -> Clause:
    if not (isinstance(clause, ByIdentifier) and _is_address(clause)):
        return clause
    name = clause.identifier
    if name.startswith(_KEY):
        texts = [name.removeprefix(_KEY)]
    elif Name.objects.using(alias).filter(scheme="url", value=name.removeprefix(_URL)).exists():
        return clause  # a page elsewhere that is a paper's own name
    else:
        path = unquote(urlsplit(name.removeprefix(_URL)).path).partition(_PAGES)[2].rstrip("/")
        texts = [path, *(path.removesuffix(ending) for ending in _ENDINGS if path.endswith(ending))]
    for text in texts:
        try:
            return ByIdentifier(_name(_standing(alias, find_own_paper(alias, text), at).key))
        except NotFound:
            continue
    return clause


def _standing(alias: str, paper: Paper, at: int | None) -> Paper:
    """What a paper was part of as of a change, else itself."""
    merges = Merge.objects.using(alias).select_related("kept")
    if at is not None:
        merges = merges.filter(seq__lte=at)
    while moved := merges.filter(absorbed=paper).first():
        paper = moved.kept
    return paper


def _name(key: str) -> str:
    """What the index calls the paper whose address ends so."""
    try:
        return str(Identifier.parse(key))
    except IdentifierError:
        return page_key(key)
