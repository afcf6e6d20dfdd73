"""``broadsheet digest``: how the digests are, and what somebody would get now."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import counted, out, print_json, shown

if TYPE_CHECKING:
    from broadsheet.digests.models import Delivery
    from broadsheet.library import Library

_ISSUES = 14


@click.command()
@click.option("--status", "is_status", is_flag=True, help="Show the last issues and what became of their mails.")
@click.option("--preview", "address", metavar="ADDRESS", help="Show what this subscriber would get now.")
@click.option(
    "--html", "file", type=click.Path(path_type=Path, dir_okay=False), help="With --preview: write the mail as HTML."
)
@common
def digest(is_status: bool, address: str | None, file: Path | None, as_json: bool) -> None:
    """Say how the digests are, or show the one that a subscriber would get now. Records and sends nothing."""
    if file and not address:
        raise click.UsageError("--html needs --preview ADDRESS")
    if address and is_status:
        raise click.UsageError("give --preview ADDRESS or --status, not both")
    library = open_library()
    if address:
        _preview(library, address, file, as_json)
    else:
        _status(library, as_json)


def _preview(library: "Library", address: str, file: Path | None, as_json: bool) -> None:
    from broadsheet.digests import composing, issuing
    from broadsheet.digests.models import Subscriber

    subscriber = Subscriber.objects.filter(address__iexact=address.strip(), confirmed_at__isnull=False).first()
    if subscriber is None:
        raise click.ClickException(f"no confirmed subscriber has the address {address!r}")
    delivery = issuing.preview(library, subscriber, library.clock())
    letter = composing.Writer([delivery]).write(delivery)
    assert letter is not None  # what it holds was chosen this moment
    if file:
        file.write_text(letter.html, encoding="utf-8")
    papers = _papers(delivery)
    if as_json:
        told = {"to": subscriber.address, "subject": letter.subject, "alarm": delivery.issue.alarm}
        print_json({**told, "bytes": len(letter.content), "papers": papers})
        return
    out.print(shown(str(letter.subject)) if papers else "Nothing is in point now.")
    if delivery.issue.alarm:
        out.print(f"[red]![/red] {shown(delivery.issue.alarm)}")
    for number, paper in enumerate(papers, 1):
        out.print(f"{number:>3}  {shown(paper['title'])}", soft_wrap=True)
        out.print(f"     [dim]{shown(paper['reason'])} · {shown(paper['id'])}[/dim]", soft_wrap=True)
    if file:
        out.print(f"The mail is in {file}")


def _papers(delivery: "Delivery") -> list[dict[str, Any]]:
    from broadsheet.digests.wording import plain
    from broadsheet.library.reading import open_versions

    versions = open_versions("default").filter(paper__in=[row["paper"] for row in delivery.papers])
    known = {version.paper_id: version for version in versions}
    return [
        {
            "id": known[row["paper"]].paper.key,
            "title": plain(known[row["paper"]].title),
            "version": row["number"],
            "reason": row["reason"],
        }
        for row in delivery.papers
    ]


def _status(library: "Library", as_json: bool) -> None:
    from broadsheet.digests.overview import overview

    state = overview(library, library.clock(), _ISSUES)
    if as_json:
        print_json(state.to_json())
        return
    waiting = f", the next issue is due {state.next_at:%Y-%m-%d %H:%M} UTC" if state.next_at else ""
    out.print(f"{counted(state.subscribers, 'subscriber')}{waiting}")
    if state.alarm:
        out.print(f"[red]![/red] {shown(state.alarm)}")
    if not state.issues:
        out.print("No issue has gone out yet. The worker sends them: broadsheet run")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("issue")
    for name in state.states:
        table.add_column(name, justify="right")
    for issue in state.issues:
        table.add_row(f"{issue.day}{' !' if issue.alarm else ''}", *(f"{issue.mails[name]:,}" for name in state.states))
    out.print(table)
    for issue in state.issues:
        if issue.alarm:
            out.print(f"[red]![/red] {shown(issue.alarm)}", soft_wrap=True)
