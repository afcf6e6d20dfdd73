"""Resumption tokens: where a list goes on, signed, so that nothing has to be kept here and nobody writes their own."""

from dataclasses import astuple, dataclass
from typing import Any

from django.core.signing import BadSignature, Signer

from broadsheet.web.oai.refusals import Refusal

_LONGEST = 4_000
_SALT = "broadsheet.oai"
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list stands: after the place `after`, up to `until`, as of the change `bound`; `given` were told.

    Of a list of sets `name` is the key of the last topic; of one of papers it is the set, if one was asked for.
    `size` is how many the whole list had when it began, UNKNOWN if that was not counted.
    """

    verb: str
    prefix: str
    name: str
    given: int
    after: int = 0
    until: int = 0
    bound: int = 0
    size: int = UNKNOWN


_TYPES = [str, str, str, int, int, int, int, int]
_WITHOUT_SIZE = _TYPES[:-1]


def write_token(place: Place) -> str:
    """The token of a place: the same place has the same token."""
    return Signer(salt=_SALT).sign_object(astuple(place))


def read_token(text: str, verb: str) -> Place:
    """The place of a token that was given for this verb. It stays good as long as the site's key. Raises Refusal."""
    place = _read(text)
    if place.verb != verb:
        raise Refusal("badResumptionToken", f"this token goes on with {place.verb}, not with {verb}")
    return place


def _read(text: str) -> Place:
    if len(text) > _LONGEST:
        raise Refusal("badResumptionToken", "this is no token of this repository")
    try:
        values: Any = Signer(salt=_SALT).unsign_object(text)
    except BadSignature as error:
        raise Refusal("badResumptionToken", "this is no token of this repository, or its key has changed") from error
    if not isinstance(values, list) or [type(value) for value in values] not in (_TYPES, _WITHOUT_SIZE):
        raise Refusal("badResumptionToken", "this token is of another release; begin the list again")
    return Place(*values)
