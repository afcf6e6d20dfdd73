"""Lists of papers a page at a time: each page begins right behind the last paper of the one before.

A cursor carries what that paper was sorted by, so that papers which arrive meanwhile neither shift a page nor repeat on
it. Source: "keyset pagination", Winand, SQL Performance Explained, 2012.
"""

import json
import math
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.db.models import Q
from pydantic import AfterValidator, WithJsonSchema

from broadsheet.api.errors import Refusal
from broadsheet.api.shapes import LARGEST
from broadsheet.library import Library, NotFound
from broadsheet.library.models import Paper, Version
from broadsheet.library.reading import open_versions, standing_papers

Sort = Literal["votes", "newest", "trending"]
Span = tuple[date, date]
"""The first and the last day of a list."""

_ORDERS = {
    "votes": ("-votes", "-is_featured", "pk"),
    "newest": ("-day", "-pk"),
    "trending": ("-trending", "pk"),
}


def _day(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("write a day as year, month and day, such as 2026-11-21")
    date.fromisoformat(text)
    return text


def _week(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-W[0-9]{2}", text):
        raise ValueError("write a week as ISO 8601 does, such as 2026-W47")
    date.fromisoformat(f"{text}-7")
    return text


def _month(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        raise ValueError("write a month as year and month, such as 2026-11")
    date.fromisoformat(f"{text}-01")
    return text


Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Week = Annotated[
    str,
    AfterValidator(_week),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$", "examples": ["2026-W47"]}),
]
Month = Annotated[
    str,
    AfterValidator(_month),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "examples": ["2026-11"]}),
]


def span_of(day: str | None, week: str | None, month: str | None) -> Span | None:
    """The days of a list, or None for all up to today.

    >>> [each.isoformat() for each in span_of(None, "2026-W47", None)], span_of(None, None, "2026-02")[1].day
    (['2026-11-16', '2026-11-22'], 28)
    """
    if day:
        return date.fromisoformat(day), date.fromisoformat(day)
    if week:
        return date.fromisoformat(f"{week}-1"), date.fromisoformat(f"{week}-7")
    if month:
        first = date.fromisoformat(f"{month}-01")
        return first, first.replace(day=monthrange(first.year, first.month)[1])
    return None


def page(library: Library, span: Span | None, sort: Sort, cursor: str, limit: int) -> tuple[list[Version], str]:
    """A page of a list and the cursor of the next one, "" at the end; nothing of a day to come.

    Two queries. Raises Refusal for a bad cursor.
    """
    papers = standing_papers(library.alias).filter(day__lte=library.today())
    if span:
        papers = papers.filter(day__range=span)
    if cursor:
        papers = papers.filter(_behind(_ORDERS[sort], _read_cursor(cursor, sort)))
    found = list(papers.order_by(*_ORDERS[sort])[: limit + 1])
    versions = _in_order(library, [paper.pk for paper in found[:limit]])
    return versions, _write_cursor(found[limit - 1], sort) if len(found) > limit else ""


def named(library: Library, names: Iterable[str]) -> list[Version]:
    """The papers of these identifiers that stand here, in the order asked for, each once."""
    papers: dict[int, None] = {}
    for name in names:
        try:
            papers[library.find_paper(name).pk] = None
        except NotFound:
            continue
    return _in_order(library, list(papers))


def _in_order(library: Library, ids: list[int]) -> list[Version]:
    by_paper = {version.paper_id: version for version in open_versions(library.alias).filter(paper__in=ids)}
    return [by_paper[pk] for pk in ids if pk in by_paper]


def _behind(order: tuple[str, ...], values: list[Any]) -> Q:
    """What stands behind a place in an order of several columns."""
    condition, equal = Q(), Q()
    for column, value in zip(order, values, strict=True):
        name = column.removeprefix("-")
        condition |= equal & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return condition


def _write_cursor(paper: Paper, sort: Sort) -> str:
    values = [getattr(paper, column.removeprefix("-")) for column in _ORDERS[sort]]
    text = json.dumps([sort, *values], default=date.isoformat, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: Sort) -> list[Any]:
    try:
        named, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if named != sort or len(values) != len(_ORDERS[sort]):
            raise ValueError(cursor)
        return [_column(column.removeprefix("-"), value) for column, value in zip(_ORDERS[sort], values, strict=True)]
    except (ValueError, TypeError, RecursionError) as error:
        message = "This cursor is not one of this list; begin without it"
        raise Refusal(HTTPStatus.BAD_REQUEST, message, "cursor") from error


def _column(name: str, value: Any) -> Any:
    """A cursor's value as its column holds it. Raises ValueError or TypeError."""
    if name == "day":
        return date.fromisoformat(value)
    if name == "trending":
        if not isinstance(value, float) or not math.isfinite(value):
            raise ValueError(value)
        return value
    if name == "is_featured":
        if not isinstance(value, bool):
            raise ValueError(value)
        return value
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueError(value)
    return value
