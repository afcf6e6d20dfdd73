"""Sets: topics as arXiv names them (cs:cs:LG), other topics (topic:…), and sources (source:…).

Source: OAI-PMH 2.0, section 2.6; arXiv's sets as of 2025, group:archive:CATEGORY (info.arxiv.org/help/oa).
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from broadsheet.library.changes_since import Wanted
from broadsheet.library.vocabulary import Vocabulary
from broadsheet.search.names import topic_key

GROUPS = {
    "cs": "Computer Science",
    "econ": "Economics",
    "eess": "Electrical Engineering and Systems Science",
    "math": "Mathematics",
    "physics": "Physics",
    "q-bio": "Quantitative Biology",
    "q-fin": "Quantitative Finance",
    "stat": "Statistics",
}
_PHYSICS = "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics quant-ph".split()
ARCHIVES = {name: name for name in GROUPS} | dict.fromkeys(_PHYSICS, "physics")
"""The group of each archive."""

_TOPIC = re.compile(r"([a-z-]+)(?:\.([A-Za-z][A-Za-z-]*))?")
_PLAIN = re.compile(r"[A-Za-z0-9\-_.!*'()]")
_WRITTEN = re.compile(r"(?:[A-Za-z0-9\-_.!*'()]|~[0-9A-F]{2})+")


@lru_cache(4_096)
def set_of_topic(topic: str) -> str:
    """The set of a topic.

    >>> set_of_topic("cs.LG"), set_of_topic("hep-th"), set_of_topic("astro-ph.GA"), set_of_topic("graph theory")
    ('cs:cs:LG', 'physics:hep-th', 'physics:astro-ph:GA', 'topic:graph~20theory')
    """
    found = _TOPIC.fullmatch(topic)
    if found and (group := ARCHIVES.get(found[1])):
        return ":".join(filter(None, (group, found[1], found[2])))
    return f"topic:{_written(topic)}"


def set_of_source(source: str) -> str:
    """The set of what comes from a source."""
    return f"source:{_written(source)}"


def wanted_of(name: str) -> Wanted | None:
    """Which papers a set holds; None for a name that no set can have.

    >>> wanted_of("cs:cs:LG").topics, wanted_of("math").beginnings, wanted_of("physics:hep-th").topics
    (('cs.LG',), ('math.',), ('hep-th',))
    """
    kind, *rest = name.split(":")
    if kind in ("source", "topic"):
        text = _read(":".join(rest))
        if not text or (kind == "topic" and set_of_topic(text) != name):
            return None
        return Wanted(source=text) if kind == "source" else Wanted(topics=(text,))
    if kind not in GROUPS or len(rest) > 2:
        return None
    archives = [archive for archive, group in ARCHIVES.items() if group == kind and rest[:1] in ([], [archive])]
    if len(rest) == 2:
        topic = ".".join(rest)
        return Wanted(topics=(topic,)) if set_of_topic(topic) == name else None
    return Wanted(topics=tuple(archives), beginnings=tuple(f"{name}." for name in archives)) if archives else None


def present_archives(vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """The groups and archives that hold topics here, as set and name, each group before its archives."""
    told = set()
    for archive, group in sorted(ARCHIVES.items(), key=lambda pair: (pair[1], pair[0])):
        key = topic_key(archive)
        exact, below = vocabulary.topics(key, 1), vocabulary.topics_after(f"{key}.", 1)
        if not any(found == key for found, _ in exact) and not any(found.startswith(f"{key}.") for found, _ in below):
            continue
        if group not in told:
            told.add(group)
            yield group, GROUPS[group]
        yield f"{group}:{archive}", archive


def _written(text: str) -> str:
    """A text in the letters that the name of a set may have; no two texts are written alike."""
    return "".join(
        char if _PLAIN.fullmatch(char) else "".join(f"~{byte:02X}" for byte in char.encode()) for char in text
    )


def _read(written: str) -> str:
    """The text that is written so, "" for what `_written` never writes."""
    if not _WRITTEN.fullmatch(written):
        return ""
    escaped = re.sub("~([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), written)
    try:
        text = escaped.encode("latin-1").decode()
    except UnicodeDecodeError:
        return ""
    return text if _written(text) == written and "\0" not in text else ""
