"""Leanings: what the bibliographies of subscribers tell, read for a batch of them at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from broadsheet.community.models import Bibliography, Reference, Theme
from broadsheet.digests.models import Subscriber
from broadsheet.digests.window import Vectors
from broadsheet.search.names import topic_key


@dataclass(frozen=True, slots=True)
class Leaning:
    """A direction of somebody's references, with the title nearest to it; a number of its own."""

    number: int
    title: str
    vector: Vectors


@dataclass(slots=True)
class Leanings:
    """What one person's references lean to: themes, topics with their shares, and the papers of late that they have."""

    themes: list[Leaning] = field(default_factory=list)
    topics: dict[str, float] = field(default_factory=dict)
    papers: set[int] = field(default_factory=set)


def read(subscribers: Iterable[Subscriber], model: str, since: date) -> dict[int, Leanings]:
    """The leanings of each subscriber, by its number: three queries, whatever they sent.

    Themes that another encoder found cannot be compared, and are left out. Papers of days before `since` are not news.
    """
    readers = {subscriber.reader_id: subscriber.pk for subscriber in subscribers if subscriber.reader_id}
    found: defaultdict[int, Leanings] = defaultdict(Leanings)
    if not readers:
        return found
    rows = Bibliography.objects.filter(reader__in=readers)
    owners = {}
    for key, reader, topics in rows.values_list("pk", "reader", "topics"):
        owners[key] = readers[reader]
        leanings = found[readers[reader]]
        for topic, share in topics:
            leanings.topics[topic_key(topic)] = max(share, leanings.topics.get(topic_key(topic), 0.0))
    if not owners:
        return found
    themes = Theme.objects.filter(bibliography__in=owners, bibliography__model=model).order_by("pk")
    for number, key, title, codes in themes.values_list("pk", "bibliography", "title", "codes"):
        vector = np.frombuffer(codes, np.int8).astype(np.float32)
        length = np.float32(max(float(np.linalg.norm(vector)), 1e-9))
        found[owners[key]].themes.append(Leaning(number, title, vector / length))
    late = Reference.objects.filter(bibliography__in=owners, paper__day__gte=since)
    for key, paper in late.values_list("bibliography", "paper"):
        found[owners[key]].papers.add(paper)
    return found
