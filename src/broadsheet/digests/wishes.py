"""Wishes: what a subscriber wants to hear of, and when."""

from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import available_timezones

from broadsheet.community import collecting
from broadsheet.community.errors import Missing
from broadsheet.community.models import Reader
from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Interest, Subscriber
from broadsheet.search import Query, QueryError

FEWEST, MOST = 5, 20
"""Papers of an issue."""
INTERESTS_LIMIT = 50
VALUE_LIMIT = 300
TRENDING: tuple[str, str] = (Interest.Kind.TRENDING.value, "")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an issue is chosen from, as pairs of kind and value, how long it is, and when it comes."""

    rhythm: str = Subscriber.Rhythm.DAILY.value
    weekday: int = 0
    hour: int = 7
    time_zone: str = "UTC"
    size: int = 10
    interests: tuple[tuple[str, str], ...] = (TRENDING,)


@cache
def time_zones() -> frozenset[str]:
    """The time zones that there are."""
    return frozenset(available_timezones() - {"localtime", "Factory"} | {"UTC"})


def check(wishes: Wishes, viewer: Reader | None = None) -> Wishes:
    """The same wishes in one form: each interest once, what trends if there is none. Raises DigestError.

    A collection has to be one that the viewer may open.
    """
    if wishes.rhythm not in Subscriber.Rhythm.values:
        raise DigestError("An issue comes daily, on weekdays or weekly")
    if wishes.weekday not in range(7) or wishes.hour not in range(24):
        raise DigestError("Choose a day of the week and an hour from 0 to 23")
    if wishes.time_zone not in time_zones():
        raise DigestError("Choose a time zone of the list, such as Europe/Berlin")
    if not FEWEST <= wishes.size <= MOST:
        raise DigestError(f"An issue has {FEWEST} to {MOST} papers")
    found = tuple(dict.fromkeys(_interest(kind, value, viewer) for kind, value in wishes.interests))
    if len(found) > INTERESTS_LIMIT:
        raise DigestError(f"A subscription has at most {INTERESTS_LIMIT} interests; put some into one search")
    return replace(wishes, interests=found or (TRENDING,))


def wishes_of(subscriber: Subscriber) -> Wishes:
    """What a subscriber asked for. One query."""
    return Wishes(
        subscriber.rhythm,
        subscriber.weekday,
        subscriber.hour,
        subscriber.time_zone,
        subscriber.size,
        tuple(subscriber.interests.order_by("pk").values_list("kind", "value")),
    )


def _interest(kind: str, value: str, viewer: Reader | None) -> tuple[str, str]:
    value = " ".join(value.split())
    if kind == Interest.Kind.TRENDING:
        return TRENDING
    if len(value) > VALUE_LIMIT:
        raise DigestError(f"An interest has at most {VALUE_LIMIT} characters")
    if not value.isprintable():
        raise DigestError("An interest is made of letters that can be seen")
    if kind == Interest.Kind.COLLECTION:
        return kind, _collection(value, viewer)
    read = _READ.get(kind)
    if read is None:
        raise DigestError("An interest is a topic, a search, an author, a collection, or what trends")
    try:
        read(value)
    except QueryError as error:
        raise DigestError(f"“{value[:80]}”: {error}") from error
    return kind, value


_READ = {
    Interest.Kind.TOPIC.value: Query.of_topic,
    Interest.Kind.AUTHOR.value: Query.of_author,
    Interest.Kind.SEARCH.value: Query.parse,
}


def _collection(slug: str, viewer: Reader | None) -> str:
    try:
        return collecting.find(slug, viewer).slug
    except Missing as error:
        raise DigestError(f"“{slug[:80]}” is no collection that you can open") from error
