"""Every address of the site, called to change something without proof of coming from a page of this site, refuses.

The addresses are read from the site itself, so a new one is covered the day it is added. One that takes arguments
which nothing here fits fails the test until CANDIDATES knows some.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import pytest

METHODS = ("POST", "PUT", "PATCH", "DELETE")
EXEMPT: list[str] = ["web:bounces", "web:mail_alert", "web:mail_leave", "web:oai"]
"""Addresses that take a POST from anywhere, by name. Each needs its own proof that its sender may ask for that."""
READING = ["api:find_like"]
"""Addresses that change nothing, whatever is posted to them."""
PROGRAMS = "api/"
"""Where Django's check of forms is off: the room makes the same check for sessions and asks others for a token."""

SLUG = "caches-and-paging-2611"

CANDIDATES = {
    "int": ["1"],
    "path": ["2611.00001", "1"],
    "slug": [SLUG, "x"],
    "str": [SLUG, "ann", "2611.00001", "2026-11-01", "oidc", "x"],
    None: [
        "2611.00001", SLUG, "ann", "cs.IR", "2026-11-01", "2026-W47", "2026-11", "2026", "11", "47", "1",
        "000000", "atom", "json", "bib", "jsonl", "community", "x", "",
    ],
}  # fmt: skip
"""Arguments that addresses may take, by kind; those of a regular expression are of no kind."""
TABLES = ("account", "community", "digests", "library", "mfa", "socialaccount")


@dataclass(frozen=True)
class Route:
    """An address that leads to a view."""

    address: str
    name: str
    is_exempt: bool


def routes() -> list[Route]:
    """Every view of the site at one address that leads to it."""
    from django.urls import get_resolver

    found = []
    for patterns, callback, name in leaves(get_resolver().url_patterns, (), ""):
        found.append(Route(reach(patterns, callback), name, getattr(callback, "csrf_exempt", False)))
    return found


def leaves(patterns: list, above: tuple, space: str) -> Iterator[tuple[tuple, Callable, str]]:
    from django.urls import URLResolver

    for each in patterns:
        way = (*above, each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from leaves(each.url_patterns, way, inner)
        else:
            yield way, each.callback, f"{space}{each.name or each.pattern}"


def reach(patterns: tuple, callback: Callable) -> str:
    """An address that leads to a view, its arguments tried until the site agrees.

    Where an earlier address stands before every one of them, it is one of those, so that what stands there is called.
    """
    from django.urls import resolve

    parts = [written(pattern) for pattern in patterns]
    template = "".join(text for text, _ in parts)
    wanted = [kind for _, kinds in parts for kind in kinds]
    fitting = [path for values in product(*(CANDIDATES[kind] for kind in wanted))
               if fits(patterns, path := template.format(*values))]  # fmt: skip
    if not fitting:
        raise AssertionError(f"no argument here fits /{template}; add one to CANDIDATES")
    return next((f"/{path}" for path in fitting if resolve(f"/{path}").func is callback), f"/{fitting[0]}")


def fits(patterns: tuple, path: str) -> bool:
    """Whether a path is one that these pieces of an address, one after the other, describe to its end."""
    for pattern in patterns:
        found = pattern.match(path)
        if found is None:
            return False
        path = found[0]
    return path == ""


def written(pattern) -> tuple[str, list[str | None]]:
    """A piece of an address with {} for each argument, and the kinds of the arguments."""
    import re

    from django.urls.resolvers import RoutePattern
    from django.utils.regex_helper import normalize

    if isinstance(pattern, RoutePattern):
        kinds = re.findall(r"<(?:(\w+):)?\w+>", str(pattern))
        text = re.sub(r"<(?:\w+:)?\w+>", "{}", str(pattern))
        return text, [kind if kind in CANDIDATES else "str" for kind in kinds]
    text, names = normalize(pattern.regex.pattern.lstrip("^"))[0]
    for name in names:
        text = text.replace(f"%({name})s", "{}", 1)
    return text, [None] * len(names)


def tables() -> dict[str, list]:
    """Every row that readers, sources and allauth have written; sessions and logs of the framework are not theirs."""
    from django.apps import apps

    return {
        model._meta.label: sorted(map(repr, model._default_manager.values()))
        for model in apps.get_models()
        if model._meta.app_label in TABLES
    }


@pytest.fixture
def site(library, record, reader, clock):
    """A site with a row of most kinds, each with the number 1, which is what the arguments name."""
    from broadsheet.community import clipping, comments, tokens, voting
    from broadsheet.community.models import Claim, Collection, Comment, Report, Submission
    from broadsheet.library.models import Paper

    now, today = clock.now, library.today()
    library.put([record("Paging with predictions", "2611.00001", topics=("cs.IR",), authors=["Ann Lee"])])
    ann, paper = reader("ann"), Paper.objects.get()
    voting.vote(ann, paper.pk, now)
    comments.write(ann, paper.pk, "Well.", now)
    kept = Collection.objects.create(reader=ann, slug=SLUG, title="Caches", created_at=now, changed_at=now)
    clipping.clip(kept, paper.pk, now)
    tokens.issue(ann, "a script", ["write"], now)
    Submission.objects.create(paper=paper, reader=ann, day=today, at=now)
    Claim.objects.create(paper=paper, reader=ann, author="Ann Lee", at=now)
    Report.objects.create(reader=ann, paper=paper, comment=Comment.objects.get(), reason="Rude", at=now)
    return ann


def answers(client) -> dict[tuple[str, str], int]:
    """How every address answers to every method that may change something."""
    told = {}
    for route in routes():
        for method in METHODS:
            if not (route.name in (*EXEMPT, *READING) and method == "POST"):
                response = client.generic(method, route.address, b"", content_type="application/json")
                told[method, route.address] = response.status_code
                response.close()
    return told


def test_every_kind_of_address_is_among_those_called(library):
    names = {route.name for route in routes()}
    assert {"web:vote", "web:make_token", "account_logout", "admin:index", "api:read_vote"} <= names
    assert len(names) > 60


def test_nothing_is_exempt_from_the_check_of_forms_but_what_is_listed(library):
    exempt = {route.name for route in routes() if route.is_exempt and not route.address.startswith(f"/{PROGRAMS}")}
    assert exempt == set(EXEMPT)


def test_nobody_known_changes_anything(site):
    from django.test import Client

    before = tables()
    told = answers(Client(SERVER_NAME="localhost", enforce_csrf_checks=True, raise_request_exception=False))
    assert len(told) > 200
    wrong = {place: status for place, status in told.items() if status not in (401, 403, 404, 405)}
    assert wrong == {}
    exempt = {route.address for route in routes() if route.is_exempt}
    assert {status for (_, address), status in told.items() if address not in exempt} == {403}
    assert tables() == before


@pytest.mark.parametrize("role", ["reader", "admin"])
def test_a_signed_in_readers_session_alone_changes_nothing(site, signed_in, role):
    site.role = role
    site.save()
    client = signed_in(site, checks=True)
    before = tables()
    told = answers(client)
    nowhere = {address for (_, address), status in told.items() if status == 404}
    assert {address for address in nowhere if not address.startswith(f"/{PROGRAMS}")} == set()
    wrong = {place: status for place, status in told.items() if status not in (403, 404, 405)}
    assert wrong == {}
    assert tables() == before


def test_the_same_calls_with_their_proof_do_change_something(site, signed_in):
    before = tables()
    ann = signed_in(site)
    assert ann.post("/papers/2611.00001/vote", {"vote": "0"}).status_code == 302
    assert tables() != before
