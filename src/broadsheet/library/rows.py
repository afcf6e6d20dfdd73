"""Versions and changes with their papers, each read by one statement that is written once.

What Django does for each query and each object costs more than the database does; a page of hits has forty objects. The
statement, the columns and their conversions are Django's own.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

from django.db import connections, models
from django.db.models.base import ModelState

from broadsheet.library.models import Change, Paper, Version

_Convert = Callable[[Any], Any]


def versions_at(alias: str, papers: Iterable[int], at: int) -> dict[int, Version]:
    """The versions of these papers that were open at a sequence number, by paper number. One query."""
    numbers = list(papers)
    if not numbers:
        return {}
    vendor = connections[alias].vendor
    as_version, as_paper = _columns(Version, alias, vendor), _columns(Paper, alias, vendor)
    places = ", ".join(["%s"] * len(numbers))
    with connections[alias].cursor() as cursor:
        cursor.execute(f"{_select()} ({places})", [at, at, *numbers])
        rows = cursor.fetchall()
    found = {}
    for row in rows:
        version = as_version.made(row[: as_version.count])
        version._state.fields_cache["paper"] = as_paper.made(row[as_version.count :])
        found[version.paper_id] = version
    return found


def changes_after(alias: str, position: int, until: int, limit: int) -> list[Change]:
    """The first changes after a position, in order, with their papers and versions. One query.

    Those that brought a vector come without: it belongs to a text that was read before.
    """
    vendor = connections[alias].vendor
    as_change, as_version, as_paper = (_columns(model, alias, vendor) for model in (Change, Version, Paper))
    with connections[alias].cursor() as cursor:
        cursor.execute(_select_changes(), [position, until, limit])
        rows = cursor.fetchall()
    found = []
    for row in rows:
        change = as_change.made(row[: as_change.count])
        rest = row[as_change.count :]
        known = change._state.fields_cache
        paper, version = rest[: as_paper.count], rest[as_paper.count :]
        known["paper"] = as_paper.made(paper) if paper[0] is not None else None
        known["version"] = as_version.made(version) if version[0] is not None else None
        if known["version"]:
            known["version"]._state.fields_cache["paper"] = known["paper"]
        found.append(change)
    return found


@cache
def _select() -> str:
    return (
        f"SELECT {_names(v=Version, p=Paper)} FROM {Version._meta.db_table} v "  # noqa: S608 (names of columns)
        f"JOIN {Paper._meta.db_table} p ON p.id = v.paper_id "
        "WHERE v.born <= %s AND (v.died IS NULL OR v.died > %s) AND v.paper_id IN"
    )


@cache
def _select_changes() -> str:
    return (
        f"SELECT {_names(c=Change, p=Paper, v=Version)} FROM {Change._meta.db_table} c "  # noqa: S608
        f"LEFT JOIN {Paper._meta.db_table} p ON p.id = c.paper_id AND c.kind <> '{Change.Kind.EMBEDDED}' "
        f"LEFT JOIN {Version._meta.db_table} v ON v.id = c.version_id AND c.kind <> '{Change.Kind.EMBEDDED}' "
        "WHERE c.seq > %s AND c.seq <= %s ORDER BY c.seq LIMIT %s"
    )


def _names(**tables: type[models.Model]) -> str:
    return ", ".join(f'{name}."{field.column}"' for name, model in tables.items() for field in _fields(model))


class _Columns:
    """How a row of a table becomes an object."""

    def __init__(self, model: type[models.Model], alias: str) -> None:
        self.model, self.alias = model, alias
        self.names = [field.attname for field in _fields(model)]
        self.count = len(self.names)
        self.conversions = [(place, _conversions(field, alias)) for place, field in enumerate(_fields(model))]
        self.conversions = [(place, conversions) for place, conversions in self.conversions if conversions]

    def made(self, row: Sequence[Any]) -> Any:
        """The object that Django would make of a row."""
        values = list(row)
        for place, conversions in self.conversions:
            if values[place] is not None:
                for convert in conversions:
                    values[place] = convert(values[place])
        made = self.model.__new__(self.model)
        made._state = ModelState()
        made._state.adding, made._state.db = False, self.alias
        made.__dict__.update(zip(self.names, values, strict=True))
        return made


@cache
def _columns(model: type[models.Model], alias: str, vendor: str) -> _Columns:
    """The columns of a table; tests have one alias for databases of several vendors."""
    return _Columns(model, alias)


def _fields(model: type[models.Model]) -> Sequence["models.Field[Any, Any]"]:
    return model._meta.concrete_fields


def _conversions(field: "models.Field[Any, Any]", alias: str) -> list[_Convert]:
    """What turns a value of the database into one of Python; threads share it, since it only looks at settings."""
    if isinstance(field, models.JSONField):
        return [_decoded]
    connection, column = connections[alias], field.cached_col
    found = connection.ops.get_db_converters(column) + field.get_db_converters(connection)
    return [partial(_converted, convert, column, connection) for convert in found]


def _decoded(text: str) -> Any:
    """What a JSON column holds, which most often is an empty list."""
    return [] if text == "[]" else json.loads(text)


def _converted(convert: Callable[..., Any], column: object, connection: object, value: object) -> Any:
    return convert(value, column, connection)
