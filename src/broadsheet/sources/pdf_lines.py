"""Pieces of text on a page of a PDF into lines, and lines into prose: what stands beside what, and how words go on."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

RAISED = "\ufffc"
"""What stands in a line's plain text for a mark above or below it, such as the 1 of an affiliation."""
_GAP = 1.2
"""How wide a blank between two pieces of one line is at most, in sizes; nor is there a gutter."""
_MOST_SPANS = 2_000
_FEWEST_ROWS = 8
_LONGEST_WORD = 80
_LIGATURES = {ord(char): unicodedata.normalize("NFKC", char) for char in "ﬀﬁﬂﬃﬄﬅﬆ"}
_BROKEN = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text: its left end, baseline and right end in points, and how it is written."""

    text: str
    left: float
    baseline: float
    right: float
    size: float
    angle: int = 0
    font: str = ""
    weight: int = 400


@dataclass
class Line:
    """Pieces on one baseline, with the small marks around it; a column of a page has lines of its own."""

    pieces: list[Span]
    right: float = field(init=False)

    def __post_init__(self) -> None:
        self.right = self.pieces[0].right

    @property
    def first(self) -> Span:
        """The piece that the line began with, which says how it is written."""
        return self.pieces[0]

    @property
    def left(self) -> float:
        """Where it begins."""
        return min(piece.left for piece in self.pieces)

    @property
    def size(self) -> float:
        """The size of its letters, in points."""
        return self.first.size

    @property
    def baseline(self) -> float:
        """How high it stands."""
        return self.first.baseline

    @property
    def style(self) -> tuple[float, str]:
        """How it is written: equal for lines that were meant to look alike."""
        return round(self.size * 2) / 2, self.first.font.partition("+")[2] or self.first.font

    @cached_property
    def text(self) -> str:
        """What it says, small marks too."""
        return self._write(lambda piece: piece.text)

    @cached_property
    def plain(self) -> str:
        """What it says, with RAISED in the place of small marks."""
        return self._write(lambda piece: RAISED if self.is_mark(piece) else piece.text)

    def takes(self, span: Span, gutter: float | None) -> bool:
        """Whether a piece, no larger than the line, belongs to it; what stands beyond the gutter does not."""
        if gutter is not None and (self.right <= gutter <= span.left or span.right <= gutter <= self.left):
            return False
        rise = span.baseline - self.baseline
        is_beside = abs(rise) <= 0.15 * self.size and span.size > 0.85 * self.size
        is_mark = span.size <= 0.85 * self.size and -0.35 * self.size <= rise <= 0.7 * self.size
        far = _GAP * self.size
        return (is_beside or is_mark) and span.left - self.right <= far and self.left - span.right <= far

    def add(self, span: Span) -> None:
        """Take a piece in."""
        self.pieces.append(span)
        self.right = max(self.right, span.right)

    def is_mark(self, piece: Span) -> bool:
        """Whether a piece is a small mark above or below the line."""
        return piece.size <= 0.85 * self.size and abs(piece.baseline - self.baseline) > 0.1 * self.size

    def _write(self, words: Callable[[Span], str]) -> str:
        text, end = "", None
        for piece in sorted(self.pieces, key=lambda piece: piece.left):
            if end is not None and piece.left - end > 0.15 * self.size:
                text += " "
            text, end = text + words(piece), piece.right
        return " ".join(text.translate(_LIGATURES).split())


def lines_of(spans: Iterable[Span]) -> list[Line]:
    """The upright lines of a page, from the top down and from the left."""
    upright = [span for span in spans if not span.angle and span.text.strip() and span.size > 1][:_MOST_SPANS]
    upright.sort(key=lambda span: (-round(span.size, 1), -round(span.baseline), span.left))
    lines: list[Line] = []
    gutter = _find_gutter(upright)
    for span in upright:
        home = next((line for line in reversed(lines) if line.takes(span, gutter)), None)
        if home:
            home.add(span)
        else:
            lines.append(Line([span]))
    return sorted(_rejoin(lines, gutter), key=lambda line: (-round(line.baseline), line.left))


def _rejoin(lines: Iterable[Line], gutter: float | None) -> list[Line]:
    """Lines whose pieces stood apart only until the small marks between them were theirs."""
    whole: list[Line] = []
    for line in sorted(lines, key=lambda line: (-round(line.baseline), line.left)):
        before = whole[-1] if whole else None
        if before and before.takes(replace(line.first, left=line.left, right=line.right), gutter):
            for piece in line.pieces:
                before.add(piece)
        else:
            whole.append(line)
    return whole


def _find_gutter(spans: Sequence[Span]) -> float | None:
    """Where the second column begins, if there is one: many lines begin there, others end before, few cross."""
    if not spans:
        return None
    left, right = min(span.left for span in spans), max(span.right for span in spans)
    middle = (left + 0.35 * (right - left), left + 0.65 * (right - left))
    starts = Counter(round(span.left) for span in spans if middle[0] < span.left < middle[1])
    for start, _ in starts.most_common(3):
        begin = sum(number for place, number in starts.items() if abs(place - start) <= 1)
        before = sum(start - 0.3 * (right - left) < span.right < start for span in spans)
        across = sum(span.left < start - 3 and span.right > start + 3 for span in spans)
        if begin >= _FEWEST_ROWS and before >= _FEWEST_ROWS and across < 0.3 * len(spans):
            return start - 1.5
    return None


def usual_size(lines: Iterable[Line]) -> float:
    """The size that most letters have; not the largest of several, which a short page has for its title."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[round(line.size, 1)] += len(line.text)
    if len(letters) > 1:
        del letters[max(letters)]
    return letters.most_common(1)[0][0] if letters else 0.0


def join(texts: Sequence[str], known: frozenset[str] = frozenset()) -> str:
    """Lines as one text: a word that a hyphen broke goes on, and Japanese and Chinese go on without a blank.

    A hyphen stays where the text has the word with it elsewhere (`known`, in lower case), and in words that have
    another one.

    >>> join(["We look at exam-", "ples of state-of-the-", "art pre-", "training"], frozenset({"pre-training"}))
    'We look at examples of state-of-the-art pre-training'
    """
    whole = ""
    for text in texts:
        broken = _BROKEN.search(whole[-_LONGEST_WORD:])
        if broken and text[:1].islower():
            word = re.split(r"\s", whole[-_LONGEST_WORD:])[-1]
            rest = re.match(r"[\w-]*", text)
            full = f"{word}{rest[0] if rest else ''}".lower()
            keeps = "-" in word[:-1] or full in known
            whole = (whole if keeps else whole[:-1]) + text
        elif (broken and text[:1].isupper()) or (_CJK.match(whole[-1:]) and _CJK.match(text)):
            whole += text
        else:
            whole = f"{whole} {text}" if whole else text
    return " ".join(whole.split())


def words_with_hyphen(lines: Iterable[Line]) -> frozenset[str]:
    """The words of a page that are written with a hyphen inside a line."""
    words = (word for line in lines for word in re.findall(r"[\w-]+", line.text.lower()))
    return frozenset(word for word in words if "-" in word[1:-1])
