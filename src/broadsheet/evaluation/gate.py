"""The gate of an upgrade: what speaks against it, of two runs that were compared query by query."""

from broadsheet.evaluation.runs import Comparison


def objections(comparison: Comparison, most_lost: float) -> list[str]:
    """What speaks against a change, a clause each: a mean that falls beyond doubt, and too many queries that lose.

    A query loses if its first relevant paper was among the first ten and is not any more; `most_lost` is in per cent. A
    better mean outweighs no such query: readers notice what they do not find again.
    """
    found = []
    fall, low, high = (comparison.differences[f"ndcg@10{end}"] for end in ("", "_low", "_high"))
    if high < 0:
        found.append(f"nDCG@10 falls by {-fall:.3f}, between {-high:.3f} and {-low:.3f}")
    lost = len(comparison.lost)
    if lost * 100 > most_lost * comparison.queries:
        share = 100 * lost / comparison.queries
        found.append(f"{lost:,} of {comparison.queries:,} queries ({share:.1f} %) lose the paper that they had found")
    return found
