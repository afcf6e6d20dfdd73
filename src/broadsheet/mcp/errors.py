"""What a tool could not do, as a sentence that a model can act on."""

from collections.abc import Iterable

from pydantic import ValidationError

_KINDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number",
    "string_type": "a text",
    "string_sub_type": "a text",
}


class Refusal(Exception):
    """What was asked for cannot be answered; the message says why, without a final full stop."""


def sentence(text: str) -> str:
    """A message as a sentence.

    >>> sentence("the query is empty")
    'The query is empty.'
    """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def explain_arguments(tool: str, names: Iterable[str], error: ValidationError) -> str:
    """The first thing that does not fit about a tool's arguments; nothing of what was sent is repeated."""
    first = error.errors(include_url=False, include_input=False)[0]
    kind, limits = first["type"], first.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{tool} has no argument of that name; it takes {', '.join(names) or 'none'}"
    name = str(first["loc"][0]) if first["loc"] else "the call"
    match kind:
        case "missing":
            return f"{tool} needs the argument {name}"
        case "less_than_equal":
            return f"{name} is {limits['le']:,} at most"
        case "greater_than_equal":
            return f"{name} is {limits['ge']:,} at least"
        case "string_too_long" | "too_long":
            return f"{name} has {limits['max_length']:,} characters at most"
        case "string_too_short" | "too_short":
            return f"{name} is empty"
        case "literal_error":
            return f"{name} is one of {limits['expected']}"
        case "value_error":
            return f"{name} cannot be used: {first['msg'].removeprefix('Value error, ')}"
    return f"{name} has to be {_KINDS[kind]}" if kind in _KINDS else f"{name} does not fit: {first['msg']}"
