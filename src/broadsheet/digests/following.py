"""Collections that subscribers follow: what came into them lately, and what their papers have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
from django.conf import settings

from broadsheet.community import collecting
from broadsheet.community.models import Clipping, Collection
from broadsheet.digests.window import DAYS, Vectors, Window, vectors_of
from broadsheet.library.models import Version

CENTRE = 50
"""How many of the latest papers of a collection say what it is about."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A collection: for each place of the window that was clipped into it lately the day, and the middle of its papers.

    `centre` is the mean of their vectors, of length 1, None while there are none.
    """

    slug: str
    title: str
    owner: int
    is_shared: bool
    came: Mapping[int, int]
    centre: Vectors | None

    def is_open_to(self, reader: int | None) -> bool:
        """Whether somebody may see it: it is shared, or their own."""
        return self.is_shared or self.owner == reader


def read(slug: str, window: Window) -> Followed | None:
    """The collection of an address, None if it is gone."""
    collection = Collection.objects.filter(slug=slug).first()
    if collection is None:
        return None
    since = datetime.combine(window.today - timedelta(days=DAYS), time(), settings.FEED_DAY.zone)
    clips = Clipping.objects.filter(collection=collection, at__gte=since).values_list("paper", "at")
    days = {paper: min(settings.FEED_DAY.of(at), window.today).toordinal() for paper, at in clips}
    return Followed(
        slug,
        collection.title,
        collection.reader_id,
        collecting.visible(None).filter(pk=collection.pk).exists(),
        {window.place[paper]: day for paper, day in days.items() if paper in window.place},
        _centre(collection, window.model),
    )


def _centre(collection: Collection, model: str) -> Vectors | None:
    if not model:
        return None
    latest = Clipping.objects.filter(collection=collection).order_by("-at").values_list("paper", flat=True)[:CENTRE]
    versions = Version.objects.filter(paper__in=list(latest), died__isnull=True).values_list("pk", flat=True)
    vectors = list(vectors_of("default", versions, model).values())
    if not vectors:
        return None
    mean: Vectors = np.mean(vectors, axis=0, dtype=np.float32)
    length = float(np.linalg.norm(mean))
    return mean / np.float32(length) if length > 0 else None
