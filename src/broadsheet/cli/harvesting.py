"""``broadsheet harvest SOURCE``: the sources beside arXiv, each asked in its own words."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.main import common, embed_option, open_library
from broadsheet.cli.printing import print_json
from broadsheet.cli.progress import embed_with_bar, harvest_with_bar

if TYPE_CHECKING:
    from broadsheet.library import Library
    from broadsheet.library.models import HarvestRun
    from broadsheet.sources import Source, Transport


def _since(day: str) -> Callable[[Any], Any]:
    """The option of a first day, of what the source dates."""
    return click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help=f"First day {day}.")


_SINCE = _since("of change")
_LIMIT = click.option("--limit", type=click.IntRange(1), help="Most papers; else all.")
_ENDPOINT = click.option("--endpoint", help="Another server that speaks the protocol.")
_QUERY = click.argument("query", required=False, default="")


def _asked(*options: Any) -> Callable[[Any], Any]:
    """The options that every source has, behind its own."""

    def decorate(command: Any) -> Any:
        every: tuple[Any, ...] = (*options, _LIMIT, embed_option, common, click.pass_context)
        for option in reversed(every):
            command = option(command)
        return command

    return decorate


@click.command()
@_asked(_QUERY, _SINCE, _ENDPOINT)
@click.option("--issn", multiple=True, help="A journal's ISSN; may be given several times.")
@click.option("--filter", "filters", default="", help="Crossref's own filters, such as prefix:10.1145.")
def crossref(ctx: click.Context, query: str, issn: tuple[str, ...], filters: str, **options: Any) -> None:
    """Harvest Crossref: broadsheet harvest crossref --issn 2641-3337 --since 2026-11-01

    Journal articles, conference papers and preprints of publishers; --type in --filter names other kinds.
    """
    from broadsheet.sources import CrossrefWorks

    asked = f"{query} issn={','.join(issn)} filter={filters}"
    _run(
        ctx,
        "Crossref",
        asked,
        options,
        lambda transport, chosen: CrossrefWorks(transport, query, issn, filters=filters, **chosen),
    )


@click.command()
@_asked(_QUERY, _SINCE, _ENDPOINT)
@click.option("--filter", "filters", default="", help="OpenAlex's own filters, such as primary_topic.field.id:17.")
def openalex(ctx: click.Context, query: str, filters: str, **options: Any) -> None:
    """Harvest OpenAlex: broadsheet harvest openalex "retrieval augmented" --limit 500

    Ask for a key of theirs and name it in BROADSHEET_OPENALEX: without one they answer some ten pages a day.
    """
    from django.conf import settings

    from broadsheet.sources import OpenAlex

    _run(
        ctx,
        "OpenAlex",
        f"{query} filter={filters}",
        options,
        lambda transport, chosen: OpenAlex(transport, query, filters=filters, key=settings.OPENALEX, **chosen),
    )


@click.command("semantic-scholar")
@_asked(_QUERY, _since("of publication"), _ENDPOINT)
def semantic_scholar(ctx: click.Context, query: str, **options: Any) -> None:
    """Harvest Semantic Scholar: broadsheet harvest semantic-scholar "dense retrieval" --since 2026-01-01

    A key of theirs in BROADSHEET_SEMANTIC_SCHOLAR spares you the pool that all strangers share.
    """
    from django.conf import settings

    from broadsheet.sources import SemanticScholar

    _run(
        ctx,
        "Semantic Scholar",
        query,
        options,
        lambda transport, chosen: SemanticScholar(transport, query, key=settings.SEMANTIC_SCHOLAR, **chosen),
    )


@click.command()
@_asked(_QUERY, _SINCE, _ENDPOINT)
def pubmed(ctx: click.Context, query: str, **options: Any) -> None:
    """Harvest PubMed: broadsheet harvest pubmed "sepsis[mesh]" --since 2026-11-01"""
    from django.conf import settings

    from broadsheet.sources import PubMed

    until = open_library().clock().date()

    _run(
        ctx,
        "PubMed",
        query,
        options,
        lambda transport, chosen: PubMed(transport, until, query, key=settings.NCBI, **chosen),
    )


@click.command()
@_asked(_QUERY, _SINCE, _ENDPOINT)
def datacite(ctx: click.Context, query: str, **options: Any) -> None:
    """Harvest DataCite: broadsheet harvest datacite "publisher:Zenodo" --since 2026-11-01

    Preprints, theses, reports and papers that repositories gave DOIs; the query is in DataCite's own syntax.
    """
    from broadsheet.sources import DataciteDois

    _run(ctx, "DataCite", query, options, lambda transport, chosen: DataciteDois(transport, query, **chosen))


@click.command()
@_asked(click.argument("collections", nargs=-1), _since("on which volumes were taken in"), _ENDPOINT)
def acl(ctx: click.Context, collections: tuple[str, ...], **options: Any) -> None:
    """Harvest the ACL Anthology: broadsheet harvest acl 2026.acl 2026.emnlp

    Without a collection all of them, some two thousand files; --since leaves out volumes taken in before.
    """
    from broadsheet.sources import AclAnthology

    _run(
        ctx,
        "ACL Anthology",
        " ".join(collections),
        options,
        lambda transport, chosen: AclAnthology(transport, collections, **chosen),
    )


@click.command()
@_asked(click.argument("address"))
def feed(ctx: click.Context, address: str, **options: Any) -> None:
    """Harvest a journal's RSS or Atom feed: broadsheet harvest feed https://www.nature.com/nature.rss

    Feeds hold the newest papers only: ask every day. What has not changed since is not sent again.
    """
    from broadsheet.sources import JournalFeed, feed_name

    library = open_library()
    kept: list[JournalFeed] = []

    def make(transport: "Transport", chosen: dict[str, Any]) -> "Source":
        last = library.last_run(feed_name(address), _request(address, None, chosen["limit"], ""))
        validators = _validators(last) if last else {}
        kept.append(JournalFeed(transport, address, limit=chosen["limit"], **validators))
        return kept[-1]

    def keep(run: "HarvestRun") -> None:
        """Remember, on the finished run, what the server calls the state of its feed."""
        if run.state == run.State.DONE and (kept[-1].etag or kept[-1].last_modified):
            run.cursor = json.dumps({"etag": kept[-1].etag, "last_modified": kept[-1].last_modified})
            run.save(using=library.alias)

    _run(ctx, address, address, options, make, keep)


@click.command()
@_asked(click.argument("dois", nargs=-1), _ENDPOINT)
def unpaywall(ctx: click.Context, dois: tuple[str, ...], **options: Any) -> None:
    """Ask Unpaywall where papers can be read for free: broadsheet harvest unpaywall --limit 1000

    Without a DOI those in the library that have one and no link yet. BROADSHEET_CONTACT must be a mail address.
    """
    from itertools import islice

    from broadsheet.papers import Identifier
    from broadsheet.sources import Unpaywall

    named = [(name.value, "") for name in map(Identifier.parse, dois) if name.scheme == "doi"]
    if len(named) < len(dois):
        raise click.UsageError("Give DOIs, such as 10.1145/3292500")
    works = named or _without_links(open_library())

    def make(transport: "Transport", chosen: dict[str, Any]) -> "Source":
        where = {"endpoint": chosen["endpoint"]} if "endpoint" in chosen else {}
        return Unpaywall(transport, list(islice(works, chosen["limit"])), **where)

    _run(ctx, "Unpaywall", " ".join(dois), options, make)


def _without_links(library: "Library") -> Iterator[tuple[str, str]]:
    """The papers that have a DOI and no link, as DOI and title."""
    for version in library.versions():
        doi = next((name for name in version.identifiers if name.startswith("doi:")), "")
        if doi and not version.links:
            yield doi.removeprefix("doi:"), version.title


OTHERS = (crossref, openalex, semantic_scholar, pubmed, datacite, acl, feed, unpaywall)
"""The commands that `broadsheet harvest` has beside those of arXiv."""


def _run(
    ctx: click.Context,
    label: str,
    asked: str,
    options: dict[str, Any],
    make: "Callable[[Transport, dict[str, Any]], Source]",
    keep: "Callable[[HarvestRun], None] | None" = None,
) -> None:
    """Harvest from the source that `make` gives, say what came, and leave with 1 where the source failed."""
    from django.conf import settings

    from broadsheet.cli.collecting import print_next, run_json
    from broadsheet.sources import SourceError, Transport

    library = open_library()
    since: date | None = options["since"].date() if options.get("since") else None
    chosen = {"since": since, "limit": options["limit"]}
    endpoint = options.get("endpoint") or ""
    if endpoint:
        chosen["endpoint"] = endpoint
    try:
        source = make(Transport(allow=settings.FETCH_ALLOW, contact=settings.CONTACT), chosen)
    except SourceError as error:  # what was asked cannot be asked, and nothing was
        raise click.UsageError(str(error)) from error
    request = _request(asked, since, options["limit"], endpoint)
    run = harvest_with_bar(library, source, request, label, quiet=options["as_json"])
    if keep:
        keep(run)
    embedded = embed_with_bar(library) if options["embed"] else 0
    if options["as_json"]:
        print_json({**run_json(library, run), "embedded": embedded, "papers": library.count()})
    else:
        print_next(library, options["embed"], run)
    ctx.exit(1 if run.state == run.State.FAILED else 0)


def _request(asked: str, since: date | None, limit: int | None, endpoint: str) -> str:
    """What was asked, so that the same question goes on where it was cut off."""
    return f"{asked} since={since or ''} limit={limit or ''} {endpoint}".strip()


def _validators(run: "HarvestRun") -> dict[str, str | None]:
    """The validators that an earlier run left, if it left any."""
    try:
        found = json.loads(run.cursor or "{}")
    except ValueError:
        return {}
    return {name: value for name, value in found.items() if name in ("etag", "last_modified")}
