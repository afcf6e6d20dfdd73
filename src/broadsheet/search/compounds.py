"""Compounds: words that are written together, with a hyphen and apart are parted, so that all three are one.

Parted and not joined, since a text is analysed stretch by stretch between spaces; so phrases hold, and a paper gains
for a compound what it gains for its parts, however it writes it. Parted is what has a Greek letter or a number in it
(TNFα, GPT4o) or a 2 for a "to" (text2image), and words that begin as listed here. A list, since no rule tells subtask
from submit; what is not on it is found as it is written.
"""

import re

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi"
        " chi psi omega".split(),
        strict=True,
    )
)
_GREEK_RUN = re.compile("[α-ω]+|[^α-ω]+")
_LETTERS_TOGETHER = {"αβ", "γδ"}
_MICRO = re.compile(r"[0-9.]*μ[a-z]{1,3}")
"""A unit, such as μm: no letter that somebody would spell out."""

_NAMES = ("alpha", "beta", "gamma", "kappa")
_NAMED = re.compile(f"([a-z0-9]{{2,}})({'|'.join(_NAMES)})")
_NUMBERED = re.compile("([a-z]{2,})([0-9][0-9.]*[a-z]{0,2})")
"""A name and its number or size. One with a word after the number, such as word2vec, is a name as a whole."""

_FORMS = "audio|code|data|end|graph|image|music|point|real|seq|sim|speech|sql|table|text|video|voice"
_TO = re.compile(f"({_FORMS})2({_FORMS})")

_ANY = {
    "cross": ("ing", "road", "word"),
    "multi": ("ple", "pli", "ply", "tud"),
    "non": ("ethel", "sens", "chal", "agen", "plus"),
    "pseudo": ("mona", "nym"),
    "quasi": (),
    "semi": ("na", "ti", "to"),
}
"""What a word may begin with, whatever follows of four letters or more, but for these."""

_BEGINNINGS = {
    "audio": ("visual",), "auto": ("encod", "regress", "correlat", "complet", "antibod"),
    "back": ("propagat", "translat"), "bi": ("direction", "encod", "lstm"), "black": ("box",), "block": ("chain",),
    "char": ("level",), "character": ("level",),
    "co": ("activat", "attention", "author", "cultur", "evol", "express", "factor", "infect", "locali", "morbid",
           "occur", "receptor", "referenc", "stimulat", "train", "transfect"),
    "code": ("mix", "switch"), "common": ("sens",), "crowd": ("sourc", "work"),
    "cyber": ("attack", "bull", "secur"), "deep": ("fake",), "domain": ("adapt", "specific"), "feed": ("forward",),
    "few": ("shot",), "fine": ("grain", "tun"), "ground": ("truth",), "hand": ("craft", "writ"),
    "health": ("care",), "high": ("dimension", "fidel", "frequen", "level", "order", "quality", "resolution",
                                  "resourc", "throughput"),
    "hyper": ("graph", "network", "param", "spectral"), "in": ("domain",),
    "inter": ("annotat", "layer", "lingual", "modal", "observer", "operab", "rater"),
    "intra": ("class", "modal", "operativ"), "layer": ("wise",), "life": ("long",),
    "long": ("context", "form", "range", "tail", "term"),
    "low": ("cost", "dimension", "frequen", "latency", "level", "light", "rank", "resolution", "resourc"),
    "meta": ("analys", "heurist", "learn", "optimi", "reinforc", "train"), "on": ("policy",), "one": ("shot",),
    "open": ("ended", "domain", "source", "vocab", "world"),
    "over": ("confiden", "estimat", "express", "fit", "param", "sampl", "smooth"),
    "pair": ("wise",), "point": ("wise",),
    "post": ("edit", "hoc", "menopaus", "natal", "operat", "process", "synap", "train", "transcript", "translat"),
    "pre": ("clinic", "comput", "defin", "exist", "menopaus", "natal", "operat", "process", "select", "specif",
            "synap", "train", "treat"),
    "re": ("identif", "rank", "sampl", "scor", "train", "weight"), "real": ("time", "world"),
    "self": ("attent", "consisten", "play", "regulat", "report", "supervis", "train"), "sentence": ("level",),
    "short": ("form", "term"), "single": ("cell",), "skip": ("gram",), "small": ("scale",), "large": ("scale",),
    "spatio": ("tempor",), "step": ("wise",),
    "sub": ("cellular", "domain", "graph", "gradient", "group", "linear", "network", "optim", "population", "problem",
            "sampl", "sequence", "space", "structur", "task", "topic", "type", "word"),
    "time": ("series", "step"), "token": ("level", "wise"), "trade": ("off",),
    "under": ("estimat", "explor", "fit", "represent", "resourc", "sampl", "specif", "studi"),
    "uni": ("direction", "modal"), "web": ("page", "site"), "white": ("box",), "word": ("level",), "zero": ("shot",),
}  # fmt: skip
"""How a compound begins, and how its other part may begin."""

_LEAST = 4
"""Letters after a beginning of `_ANY`."""

_KNOWN = (
    *((first + other, len(first), ()) for first, others in _BEGINNINGS.items() for other in others),
    *((first, len(first), but) for first, but in _ANY.items()),
)
_BY_START = {
    start: tuple(known for known in _KNOWN if known[0].startswith(start))
    for start in {beginning[:3] for beginning, _, _ in _KNOWN}
}
"""The first three letters of a word → how it may go on, how long its first part is then, and what may not follow."""

_WHOLE = {
    **{f"{letter}{word}": (letter, word) for letter, word in (
        ("f", "score"), ("k", "means"), ("k", "medoids"), ("k", "nn"), ("n", "gram"), ("q", "learning"), ("t", "sne"),
        ("top", "k"), ("u", "net"), ("x", "ray"), ("e", "mail"), ("e", "commerce"), ("p", "value"),
        ("1", "d"), ("2", "d"), ("3", "d"), ("4", "d"), ("tf", "idf"), ("kappa", "b"),
    )},
    **{f"{letter}{word}s": (letter, word) for letter, word in (
        ("f", "score"), ("n", "gram"), ("u", "net"), ("x", "ray"), ("e", "mail"), ("p", "value"),
    )},
}  # fmt: skip


def parted(word: str) -> tuple[str, ...]:
    """The words that a folded word is made of; most are one.

    >>> parted("lowrank"), parted("gpt4o"), parted("tnfα"), parted("text2image"), parted("submit")
    (('low', 'rank'), ('gpt', '4o'), ('tnf', 'alpha'), ('text', 'to', 'image'), ('submit',))
    """
    if word.isalpha() and word.isascii():
        return _WHOLE.get(word) or _compound(word)
    if not word.isascii() and not _MICRO.fullmatch(word):
        return tuple(part for run in _GREEK_RUN.findall(word) for part in _letters(run))
    return _numbered(word)


def _letters(run: str) -> tuple[str, ...]:
    """A stretch that is Greek or has no Greek in it: letters by their names, words in Greek as they are."""
    if len(run) == 1 or run in _LETTERS_TOGETHER:
        return tuple(_GREEK.get(letter, letter) for letter in run)
    return parted(run) if run.isascii() else (run,)


def _numbered(word: str) -> tuple[str, ...]:
    if whole := _WHOLE.get(word):
        return whole
    if found := _TO.fullmatch(word):
        return (found[1], "to", found[2])
    if found := _NAMED.fullmatch(word):
        return *parted(found[1]), found[2]
    if found := _NUMBERED.fullmatch(word):
        return found.groups()
    return (word,)


def _compound(word: str) -> tuple[str, ...]:
    for beginning, size, but in _BY_START.get(word[:3], ()):
        if word.startswith(beginning) and (len(beginning) > size or _may_follow(word, size, but)):
            return word[:size], word[size:]
    if word.endswith(_NAMES) and (found := _NAMED.fullmatch(word)):
        return found[1], found[2]
    return (word,)


def _may_follow(word: str, size: int, but: tuple[str, ...]) -> bool:
    return len(word) >= size + _LEAST and not word.startswith(but, size)
