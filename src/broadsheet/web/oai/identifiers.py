"""The names of papers for harvesters, for ever: oai:HOST:KEY, or oai:HOST:paper-NUMBER. Source: oai-identifier 2.0.

A paper without any identifier has a key made of its title, which is forgotten when the paper is erased. Its name here
is its number, so that whoever holds a copy still hears by that name that it is gone.
"""

import re
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from broadsheet.library.changes_since import State, find_state

_SAFE = "!*'();/?:@&=+$,"
_NUMBERED = re.compile(r"paper-([1-9][0-9]{0,17})")


def repository() -> str:
    """What this library is called in identifiers: the host of the site, as it is configured."""
    return urlsplit(settings.SITE).hostname or "localhost"


def name_of(state: State) -> str:
    """The name of a paper."""
    key = state.paper.key
    local = (
        quote(key, safe=_SAFE) if any(name.key == key for name in state.version.names) else f"paper-{state.paper.pk}"
    )
    return f"oai:{repository()}:{local}"


def find_named(alias: str, text: str, *, has_history: bool = False) -> State | None:
    """The paper of a name exactly as `name_of` writes it, or None."""
    start = f"oai:{repository()}:"
    local = text.removeprefix(start)
    if not text.startswith(start) or "\0" in (key := unquote(local)):
        return None
    numbered = _NUMBERED.fullmatch(local)
    name: dict[str, object] = {"pk": int(numbered[1])} if numbered else {"key": key}
    state = find_state(alias, has_history=has_history, **name)
    return state if state and name_of(state) == text else None
