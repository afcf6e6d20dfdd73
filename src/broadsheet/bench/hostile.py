"""Hostile: queries that nobody means well with, or that were typed blindly; each is to be answered, and soon."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

from broadsheet.bench.clients import TIMEOUT
from broadsheet.bench.corpus import Tell
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.home import filled_library, fresh_records
from broadsheet.bench.site import serving, wait_until_found
from broadsheet.bench.timing import percentile
from broadsheet.search.tokens import MAX_LENGTH

_CUT = 0.8
_SIGNS = "\"'()[]{}<>:-+*?!&|^~$\\/%#@,;=_. \t\n\r\x00\x0b\x1f\x7f\u200b\u202e\u2066\ufeff\ufffd\U0001f4a5αßİıſﬁ𝔘́"
_CONDITIONS = "title author topic id after before year source q".split()
_VALUES = """2020 0000 9999 99999999999999999999 -1 2020-13-45 2020-02-30 0001-01-01 10000-01-01 x "" " "a * % _ ' ..
    ../.. cs. cs.LG arxiv: doi: 10.1/ doi:10.1/x 2611.00001v0 1e9 NaN inf None
    true [] {} $ \\ \x00 é""".split(" ")
_TRICKS = (
    "' OR 1=1 --",
    '"; DROP TABLE library_paper; --',
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}#{7*7}",
    "(a+)+$" + "a" * 200 + "!",
    "../../../etc/passwd",
    "%00%0d%0aSet-Cookie:x",
    "NEAR(a b) AND NOT OR",
    "\\frac{" * 300,
    "$" * 999,
    "{" * 2_000,
    "-" * 5_000,
    '"' * 9_999,
    "author:" * 1_000,
    '-title:"' * 500,
    "́" * 3_000,
    "ﷺ" * 500,
)


def hostile_addresses(count: int, seed: int, words: list[str]) -> list[str]:
    """So many addresses of search pages with queries and parameters of every bad kind; words are those papers have.

    Four of five queries are cut to the length that is read, so that they are not refused for that alone.
    """
    chance = random.Random(seed)  # noqa: S311 (drawn again from its seed)

    def query(text: str, **more: object) -> str:
        cut = text[: MAX_LENGTH if chance.random() < _CUT else None]
        return f"/search?q={quote_plus(cut.encode('utf-8', 'replace'))}" + (f"&{urlencode(more)}" if more else "")

    kinds: list[Callable[[], str]] = [
        lambda: query(chance.choice(_TRICKS)),
        lambda: query("".join(chance.choices(_SIGNS, k=chance.randint(1, 400)))),
        lambda: query(f"{chance.choice(_CONDITIONS)}:{chance.choice(_VALUES)} {chance.choice(words)}"),
        lambda: query(" ".join(f"{chance.choice(_CONDITIONS)}:{chance.choice(_VALUES)}" for _ in range(30))),
        lambda: query(" ".join(chance.choices(words, k=chance.randint(100, 1_500)))),
        lambda: query(f'"{" ".join(chance.choices(words[:50], k=chance.randint(2, 300)))}"'),
        lambda: query(" ".join(f"-{word}" for word in chance.choices(words, k=chance.randint(1, 200)))),
        lambda: query(" ".join(f'"{a} {b}"' for a, b in pairwise(words[:60]))),
        lambda: query("".join(chance.choices("abcdefghij", k=chance.randint(200, 9_000)))),
        lambda: query("".join(chr(chance.randint(1, 0xD7FF)) for _ in range(chance.randint(1, 300)))),
        lambda: "/search?q=" + "".join(f"%{byte:02x}" for byte in chance.randbytes(chance.randint(1, 200))),
        lambda: "/search?" + urlencode([("q", word) for word in chance.choices(words, k=50)]),
        lambda: query(chance.choice(words), **_parameters(chance)),
    ]
    return [kinds[number % len(kinds)]() for number in range(count)]


def hostile(papers: int, queries: int, home: Path, seed: int, tell: Tell) -> dict[str, Any]:
    """Fill the library of this home, serve it, and ask one hostile query after the other."""
    library = filled_library(papers, seed, tell)
    asked, shown, probe = next(fresh_records(seed, f"h{time.time_ns()}x"))
    library.put([probe])
    standing = library.count()
    library.close()
    addresses = hostile_addresses(queries, seed, _words(papers, seed))
    times: list[float] = []
    answers: Counter[int] = Counter()
    slowest = (0.0, "")
    with serving(home, tell) as (server, port):
        wait_until_found(server, port, asked, shown, tell)
        for done, address in enumerate(addresses, 1):
            began = time.perf_counter()
            answers[_status(port, address)] += 1
            times.append(1e3 * (time.perf_counter() - began))
            slowest = max(slowest, (times[-1], address[:200]))
            tell("ask", done, queries)
    return {
        "papers": standing,
        "queries": queries,
        "answered": answers[HTTPStatus.OK],
        "refused": sum(count for status, count in answers.items() if 400 <= status < 500),
        "errors": sum(count for status, count in answers.items() if status >= 500 or not status),
        "p50_ms": percentile(times, 50),
        "p99_ms": percentile(times, 99),
        "longest_ms": round(slowest[0], 3),
        "longest_of": slowest[1],
    }


def _parameters(chance: random.Random) -> dict[str, str]:
    names = chance.sample(["page", "at", "sort", "year", "topic", "author", "deep", "n", "\x00", "q"], k=3)
    return {name: chance.choice([*_VALUES, "999999999", "-5", "2026-11-21", "date", "1" * 400]) for name in names}


def _words(papers: int, seed: int) -> list[str]:
    """Words that papers have, the first ones in many."""
    return list(dict.fromkeys(_drawn(papers, seed)))


def _drawn(papers: int, seed: int) -> Iterator[str]:
    yield from "the of and we in for".split()
    for question in DrawnPapers(papers, seed).questions(300, papers):
        yield from question.text.split()


def _status(port: int, address: str) -> int:
    """What an address is answered with, over a connection of its own; 0 where there is no answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
