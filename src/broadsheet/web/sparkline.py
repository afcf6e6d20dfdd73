"""A small drawing of counts a day, in SVG attributes only: the content security policy forbids styles."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

BAR, GAP, HEIGHT = 6, 2, 24


def sparkline(counts: Sequence[int]) -> SafeString:
    """Draw a bar a day, today last; a day without any is a dot on the base line. Its label says the numbers."""
    top = max(counts, default=0) or 1
    bars = []
    for place, number in enumerate(counts):
        height = max(round(number / top * HEIGHT), 2) if number > 0 else 1
        bars.append((place * (BAR + GAP), HEIGHT - height, BAR, height))
    width = max(len(counts) * (BAR + GAP) - GAP, 1)
    return format_html(
        '<svg class="spark" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">{3}</svg>',
        width,
        HEIGHT,
        f"Papers a day, the last {len(counts)} days: {', '.join(map(str, counts))}",
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', bars),
    )
