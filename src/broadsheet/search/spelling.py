"""British and American spelling: one of the two for both, by rule, on folded words before they are stemmed.

It is the American one, whose endings the stemmer knows. A rule may turn a word that has no other spelling, since texts
and queries go the same way, but not into a word that means something else.
"""

import re

_SHORTEST = 4

_OUR = re.compile(
    "(arb|ard|arm|behavi|clam|col|demean|endeav|fav|ferv|flav|glam|harb|hon|hum|lab|neighb|od|parl|ranc|rig|rum|savi?"
    "|splend|tum|val|vap|vig)our"
)
_LATIN = {
    "anaesth": "anesth", "aemia": "emia", "aemic": "emic", "haem": "hem", "oestr": "estr", "foet": "fet", "paed": "ped",
    "aetiolog": "etiolog", "oesoph": "esoph", "rrhoea": "rrhea", "oedem": "edem", "gynaec": "gynec", "faeca": "feca",
    "faece": "fece", "coeliac": "celiac", "archaeo": "archeo", "palaeo": "paleo", "manoeuvr": "maneuver",
}  # fmt: skip
_LATIN_PART = re.compile("|".join(_LATIN))
_ISE = re.compile("([a-z]{3,})is(e[drs]?|ers|ing|able|ations?|ational)")
_NO_SUFFIX = (
    "a", "e", "o", "u", "dv", "ev", "ov", "rv", "ec", "mc", "nc", "rc", "xc", "w", "advert", "appr", "compr", "dem",
    "desp", "enterpr", "expert", "franch", "merchand", "parad", "pract", "prem", "prom", "sunr", "surpr", "treat",
    "upr",
)  # fmt: skip
"""What stands before an -ise that is no suffix: noise, advise, precise, otherwise. After -ic and -iv it is one."""

_E = re.compile(
    "(.*(?:calib|cent|fib|lit|lust|meag|met|sab|somb|spect|theat))re"
    "|(.*(?:ana|cata|dia|epi|homo|mono|pro)log)ue"
    "|(.*(?:def|lic|off|pret)en)ce"
    "|(.*ly)ze"
)
_E_ENDS = ("re", "ue", "ce", "ze")

BY_WORD = {
    "acknowledgement": "acknowledgment", "ageing": "aging", "aluminium": "aluminum", "amongst": "among",
    "analyzing": "analysing", "artefact": "artifact", "centring": "centering", "enrol": "enroll",
    "enrolment": "enrollment", "fuelled": "fueled", "fuelling": "fueling", "fulfil": "fulfill",
    "fulfilment": "fulfillment", "grey": "gray", "greyscale": "grayscale", "judgement": "judgment", "learnt": "learned",
    "leucocyte": "leukocyte", "mould": "mold", "programme": "program", "sceptic": "skeptic", "sceptical": "skeptical",
    "skilful": "skillful", "sulphate": "sulfate", "sulphide": "sulfide", "sulphur": "sulfur", "whilst": "while",
}  # fmt: skip
"""Words that no rule here covers."""


def american(word: str) -> str:
    """The spelling that stands for both, of a folded word; most words are their own.

    >>> [american(word) for word in ("colourful", "tokenisation", "fibres", "catalogued", "noise", "size", "four")]
    ['colorful', 'tokenization', 'fibers', 'cataloged', 'noise', 'size', 'four']
    """
    if len(word) < _SHORTEST:
        return word
    if "our" in word:
        word = _OUR.sub(r"\1or", word)
    if "ae" in word or "oe" in word:
        word = _LATIN_PART.sub(lambda found: _LATIN[found[0]], word)
    if "is" in word and (found := _ISE.fullmatch(word)) and not found[1].endswith(_NO_SUFFIX):
        return f"{found[1]}iz{found[2]}"
    base, ending = (word[:-1], word[-1:]) if word[-1:] in ("d", "r", "s") else (word, "")
    if base.endswith(_E_ENDS) and (found := _E.fullmatch(base)):
        er, og, ense, lyse = found.groups()
        e = "e" if ending in ("d", "r") else ""
        return f"{er}er{e}{ending}" if er else f"{og}{e}{ending}" if og else f"{ense or lyse}se{ending}"
    if base in BY_WORD and ending in ("", "s"):
        return BY_WORD[base] + ending
    return BY_WORD.get(word, word)
