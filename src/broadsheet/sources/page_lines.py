"""The lines of a page copied as text: without the page's own words, and whole again where they were wrapped."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from broadsheet.sources.errors import SourceError

LONGEST_TITLE = 300
"""A text longer than this is taken for prose, never for a title."""

LONGEST_TEXT = 6_000
"""No abstract is longer than this on these pages; arXiv ends them at 1,920 characters."""

_NARROWEST, _WIDEST = 60, 200
"""Between these a page's longest line looks like the column at which an editor wrapped it."""

_FURNITURE = re.compile(
    r"new|Subscribe|Daily Papers|by\s*AK and the research community|Get trending papers in your email inbox.*"
    r"|(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]* [0-9]{1,2}(?:, [0-9]{4})?"
)
_BANNER = re.compile(r"Get trending papers in your email inbox.*")
_BUTTON = "Subscribe"
_ENDS_SENTENCE = re.compile(r"(?<!\.)\.[\"')\]}\u201d\u2019]*$")
_ADDRESS = re.compile(r"https?://|www\.|[a-z0-9]\.(?:com|org|io|net|ai|dev)/")
_BROKEN_WORD = re.compile(r"(?<=\w)-\n(?!(?:and|or|to)\b)")
_GOES_ON = re.compile(r"[a-z]+[,;]?(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Line:
    """One text of a page: where it stood, and whether it follows the line before without a blank line between."""

    number: int
    text: str
    follows: bool

    @property
    def is_long(self) -> bool:
        """Whether it is too long for a title."""
        return len(self.text) > LONGEST_TITLE

    @property
    def has_address(self) -> bool:
        """Whether it ends in a web address, as the last words of many abstracts do."""
        return bool(_ADDRESS.search(self.text.rpartition(" ")[2]))

    @property
    def is_closed(self) -> bool:
        """Whether it ends as prose does, with a full stop or a web address; titles hardly ever do."""
        return self.has_address or bool(_ENDS_SENTENCE.search(self.text))

    @property
    def goes_on(self) -> bool:
        """Whether it begins with a plain word in lower case, and so belongs to what stood before."""
        return bool(_GOES_ON.match(self.text))


def read_lines_of_page(text: str, place: str) -> list[Line]:
    """Return the page's texts in order: titles and abstracts or parts of them, nothing that the page itself says.

    The Subscribe button is cut off a title that is glued to it. Texts that an editor wrapped over several lines are
    joined again if blank lines divide them; raises SourceError if none do, for then nothing tells where one ends.
    """
    lines = list(_texts(text))
    if _is_wrapped(lines):
        lines = _join(lines, lambda line, after: True)
        if any(len(line.text) > LONGEST_TEXT for line in lines):
            raise SourceError(
                f"{place} was wrapped to a narrow column and no blank lines divide titles from abstracts; "
                "save it again without wrapping"
            )
    return _join(lines, _breaks_off)


def _texts(text: str) -> Iterator[Line]:
    follows = is_below_banner = False
    for number, raw in enumerate(text.split("\n"), 1):
        line = " ".join(raw.split())
        if line and not _FURNITURE.fullmatch(line):
            yield Line(number, _cut_button(line, is_below_banner), follows)
        follows = bool(line)
        is_below_banner = bool(_BANNER.fullmatch(line)) or (is_below_banner and not line)


def _cut_button(line: str, is_below_banner: bool) -> str:
    """Cut the button off: below the banner it always stands, elsewhere only what cannot be "Subscribers" is one."""
    rest = line.removeprefix(_BUTTON)
    is_glued = rest != line and rest and not rest[0].isspace() and (is_below_banner or not rest[0].islower())
    return rest if is_glued else line


def _is_wrapped(lines: list[Line]) -> bool:
    """Whether most lines that have a neighbour below could not have taken that neighbour's first word."""
    width = max((len(line.text) for line in lines if " " in line.text), default=0)
    pairs = [(line, after) for line, after in pairwise(lines) if after.follows]
    full = sum(len(line.text) + 1 + len(after.text.split(" ", 1)[0]) > width for line, after in pairs)
    return _NARROWEST <= width <= _WIDEST and full * 2 > len(pairs)


def _breaks_off(line: Line, after: Line) -> bool:
    return not (line.is_long or line.is_closed or after.is_long) and after.goes_on


def _join(lines: list[Line], belong: Callable[[Line, Line], bool]) -> list[Line]:
    """Join each line to the one above it, where no blank line divides them and the two belong together."""
    joined: list[list[Line]] = []
    for line in lines:
        if joined and line.follows and belong(joined[-1][-1], line):
            joined[-1].append(line)
        else:
            joined.append([line])
    return [Line(part[0].number, _mend("\n".join(line.text for line in part)), part[0].follows) for part in joined]


def _mend(text: str) -> str:
    """Undo line breaks: a word broken at its hyphen is whole again."""
    return _BROKEN_WORD.sub("-", text).replace("\n", " ")
