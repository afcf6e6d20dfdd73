"""What deserves attention, and why? Trending as one stored number, and few papers chosen out of many. Pure."""

from broadsheet.ranking.choosing import Choice, Quotas, bound, choose
from broadsheet.ranking.dynamic import Chooser, kept
from broadsheet.ranking.errors import RankingError
from broadsheet.ranking.trending import Part, Signals, Trend, trending
from broadsheet.ranking.value import Candidate, Share, value
from broadsheet.ranking.worth import worth

__all__ = [
    "Candidate",
    "Choice",
    "Chooser",
    "Part",
    "Quotas",
    "RankingError",
    "Share",
    "Signals",
    "Trend",
    "bound",
    "choose",
    "kept",
    "trending",
    "value",
    "worth",
]
