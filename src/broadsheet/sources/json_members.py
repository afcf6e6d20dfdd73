"""The members of a JSON object, asked for by any of the names they go by, and refused if of the wrong type."""

from datetime import date
from typing import Any

from broadsheet.papers import RecordError
from broadsheet.sources.days import parse_day

Members = dict[str, Any]

_WORDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}


def day_in(members: Members, names: tuple[str, ...]) -> date | None:
    """The day that the first of these keys holds, or None. Raises RecordError; only a year may be a number."""
    name, value = first_in(members, names)
    if value is None or value == "":
        return None
    if name == "year" and type(value) is int:
        value = f"{value:04d}"
    if not isinstance(value, str):
        raise wrong_type(name, value, "text")
    try:
        return parse_day(value)
    except RecordError as error:
        raise RecordError(f"the {name} is not usable: {error}") from error


def text_in(members: Members, names: tuple[str, ...]) -> str:
    """The text that the first of these keys holds, empty if none does. Raises RecordError for anything but text."""
    name, value = first_in(members, names)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong_type(name, value, "text")
    return value


def number_or_text_in(members: Members, name: str) -> str:
    """The text or whole number that a key holds, as text. Raises RecordError for anything else."""
    value = members.get(name)
    if type(value) is int:
        return str(value)
    return text_in(members, (name,)).strip()


def texts_in(members: Members, names: tuple[str, ...], split_words: bool = False) -> list[str]:
    """The texts that the first of these keys holds as a list, or as one text. Raises RecordError for anything else.

    With `split_words` one text is a list written with commas, or, for categories, with spaces as arXiv does.
    """
    name, value = first_in(members, names)
    if value is None:
        return []
    if isinstance(value, str):
        divider = "," if "," in value else " " if name == "categories" else None
        return [part.strip() for part in value.split(divider)] if split_words and divider else [value]
    if not isinstance(value, list):
        raise wrong_type(name, value, "a list")
    for one in value:
        if not isinstance(one, str):
            raise RecordError(f"the {name} hold {_word(one)} where text should be")
    return value


def objects_in(members: Members, name: str) -> list[Members]:
    """The objects in the list that a key holds; whatever else is there is left out."""
    value = members.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def object_in(members: Members, name: str) -> Members:
    """The object that a key holds, or an empty one."""
    value = members.get(name)
    return value if isinstance(value, dict) else {}


def first_in(members: Members, names: tuple[str, ...]) -> tuple[str, Any]:
    """The first of these keys that says something, and its value."""
    for name in names:
        value = members.get(name)
        if value or value is False or value == 0:
            return name, value
    return names[0], None


def wrong_type(name: str, value: Any, wanted: str) -> RecordError:
    """The error that says what a member is and what it should be."""
    return RecordError(f"the {name} is {_word(value)}, not {wanted}")


def _word(value: Any) -> str:
    return _WORDS.get(type(value), "null")
