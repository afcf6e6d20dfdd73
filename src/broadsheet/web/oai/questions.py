"""Questions: a verb with its arguments, checked before anything is looked up. Source: OAI-PMH 2.0, sections 3 and 4."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from broadsheet.web.oai.refusals import Refusal

LONGEST = 8_000
"""Characters of an argument; the longest identifier has fewer, however it is written."""
_SHOWN = 60

_NAMED = frozenset({"identifier", "metadataPrefix"})
_LIST = frozenset({"metadataPrefix", "from", "until", "set"})
_VERBS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "GetRecord": (_NAMED, frozenset()),
    "Identify": (frozenset(), frozenset()),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), _LIST),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListRecords": (frozenset({"metadataPrefix"}), _LIST),
    "ListSets": (frozenset(), frozenset()),
}
"""What each verb needs, and what it may have besides."""
_RESUMED = frozenset({"ListIdentifiers", "ListRecords", "ListSets"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `arguments` are all of them, the verb too, as they were written."""

    verb: str
    arguments: Mapping[str, str]

    def get(self, name: str) -> str:
        """An argument, "" if it was not given."""
        return self.arguments.get(name, "")


def read_question(pairs: Iterable[tuple[str, str]]) -> Question:
    """Check a verb and its arguments, in the order given. Raises Refusal."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    verbs = given.get("verb", [])
    if len(verbs) != 1:
        raise Refusal("badVerb", "say one verb" if verbs else "no verb was given")
    verb = verbs[0]
    if verb not in _VERBS:
        raise Refusal("badVerb", f"{_shown(verb)} is not a verb of this protocol")
    for name, values in given.items():
        if len(values) > 1:
            raise Refusal("badArgument", f"the argument {_shown(name)} was given {len(values)} times")
        if len(values[0]) > LONGEST:
            raise Refusal("badArgument", f"the argument {_shown(name)} has more than {LONGEST:,} characters")
    arguments = {name: values[0] for name, values in given.items()}
    _check(verb, arguments.keys() - {"verb"})
    if arguments.get("set", "-") and not _SET.fullmatch(arguments.get("set", "-")):
        raise Refusal("badArgument", f"{_shown(arguments['set'])} is not written as the name of a set")
    if empty := [name for name, value in arguments.items() if not value]:
        raise Refusal("badArgument", f"the argument {empty[0]} is empty")
    return Question(verb, arguments)


def _check(verb: str, names: "set[str]") -> None:
    """Refuse arguments that a verb does not take, and those that it lacks."""
    needed, possible = _VERBS[verb]
    if verb in _RESUMED and "resumptionToken" in names:
        if names != {"resumptionToken"}:
            raise Refusal("badArgument", "a resumptionToken is given alone")
        return
    if unknown := sorted(names - needed - possible):
        raise Refusal("badArgument", f"{verb} takes no argument {_shown(unknown[0])}")
    if missing := sorted(needed - names):
        raise Refusal("badArgument", f"{verb} needs the argument {missing[0]}")


def read_dates(question: Question) -> tuple[datetime | None, datetime | None]:
    """The first moment of a list, and the first after it: `until` is within it. Raises Refusal."""
    first, last = question.get("from"), question.get("until")
    if first and last and len(first) != len(last):
        raise Refusal("badArgument", "from and until are of two granularities; write both as days or both as seconds")
    start = _read_moment("from", first) if first else None
    end = _read_moment("until", last) if last else None
    if start and end and start > end:
        raise Refusal("badArgument", "from is later than until")
    if end is None:
        return start, None
    try:
        return start, end + (timedelta(days=1) if _DAY.fullmatch(last) else timedelta(seconds=1))
    except OverflowError:  # until the end of time
        return start, None


def _read_moment(name: str, text: str) -> datetime:
    if _DAY.fullmatch(text) or _SECOND.fullmatch(text):
        try:
            return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
        except ValueError:
            pass
    raise Refusal(
        "badArgument", f"{name}={_shown(text)} is not a date such as 2026-11-21 or 2026-11-21T12:00:00Z, in UTC"
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")
