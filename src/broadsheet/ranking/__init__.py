"""What deserves attention, and why? Trending as one stored number of which each part is told. Pure."""

from broadsheet.ranking.errors import RankingError
from broadsheet.ranking.trending import Part, Signals, Trend, trending

__all__ = ["Part", "RankingError", "Signals", "Trend", "trending"]
