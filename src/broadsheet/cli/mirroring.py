"""``broadsheet harvest resourcesync``: a copy of another site, kept equal and compared."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from broadsheet.cli.main import common, embed_option, open_library
from broadsheet.cli.printing import err, out, print_json, shown
from broadsheet.cli.progress import embed_with_bar, harvest_with_bar

if TYPE_CHECKING:
    from broadsheet.library.mirroring import Comparison


@click.command()
@click.argument("url")
@click.option("--audit", is_flag=True, help="Compare with what is here, and change nothing.")
@click.option("--all", "everything", is_flag=True, help="Read everything again, not only what changed.")
@click.option("--pause", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds between two requests.")
@embed_option
@common
@click.pass_context
def resourcesync(
    ctx: click.Context, url: str, audit: bool, everything: bool, pause: float, embed: bool, as_json: bool
) -> None:
    """Copy a site by ResourceSync: broadsheet harvest resourcesync https://papers.example.org

    Everything the first time, afterwards what changed. What the site withdraws is withdrawn here if it came from there.
    Killed or cut off, the same command goes on where it was.
    """
    from django.conf import settings

    from broadsheet.cli.collecting import print_next, run_json
    from broadsheet.sources import Politeness, Reach, ResourceSync, Transport

    library = open_library()
    from broadsheet.library import mirroring  # which needs the library's tables

    transport = Transport(allow=settings.FETCH_ALLOW, contact=settings.CONTACT, politeness=Politeness(interval=pause))
    source = ResourceSync(transport, url)
    if not source.name:
        raise click.UsageError(f"{url!r} is not the web address of a site, such as https://papers.example.org")
    source.held = lambda: mirroring.held(library.alias, source.name, source.site)
    if audit:
        found = mirroring.compare(library.alias, source.name, source.read_all())
        _print_comparison(found, as_json)
        ctx.exit(0 if found.is_equal else 1)
    request = f"resourcesync {url}"
    source.since = None if everything else Reach.read(mirroring.last_reach(library.alias, source.name, request))
    run = harvest_with_bar(library, source, f"{request} since={source.since or ''}", source.name, quiet=as_json)
    if run.state == run.State.DONE and source.reached:
        mirroring.note_reach(library.alias, run, str(source.reached))
    embedded = embed_with_bar(library) if embed else 0
    if as_json:
        print_json({**run_json(library, run), "embedded": embedded, "papers": library.count()})
    else:
        print_next(library, embed, run)
    ctx.exit(1 if run.state == run.State.FAILED else 0)


def _print_comparison(found: "Comparison", as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
        return
    for difference in found.differences:
        err.print(f"  [red]![/red] {shown(difference)}", soft_wrap=True)
    parts = [f"{getattr(found, name):,} {name}" for name in ("missing", "different", "surplus", "refused")]
    out.print(f"{found.same:,} the same, {', '.join(parts)}.")
