"""``broadsheet harvest … --every 6h``: harvests that come again, how they are ordered, listed and ended."""

import re
import shlex
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.main import in_short, open_library
from broadsheet.cli.printing import out, print_json, shown

if TYPE_CHECKING:
    from broadsheet.library import Library
    from broadsheet.library.models import Schedule

_EVERY, _WORDS = "broadsheet.every", "broadsheet.words"
_LENGTHS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_WORD_LENGTHS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
_DROPPED = {"--every": 1, "--since": 1, "--home": 1, "--json": 0, "--embed": 0, "--no-embed": 0}
"""Options that are not kept with the order, and how many words follow each."""
_OVERLAP = {"semantic-scholar": 30}
"""Days that a run looks back beyond the last one, where the source finds works by their day, not that of a change."""


def read_length(text: str) -> timedelta:
    """Read a length of time. Raises BadParameter.

    >>> read_length("6h"), read_length("weekly").days
    (datetime.timedelta(seconds=21600), 7)
    """
    text = text.strip().lower()
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", text)
    if found is None and text not in _WORD_LENGTHS:
        raise click.BadParameter("say 30m, 6h, 2d, hourly, daily or weekly")
    return int(found[1]) * _LENGTHS[found[2]] if found else _WORD_LENGTHS[text]


class Harvests(click.Group):
    """Commands that harvest now, or with --every again and again."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        cmd.short_help = in_short(cmd.help or "")
        super().add_command(_repeatable(cmd), name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and keep its words as they were typed."""
        ctx.meta[_WORDS] = list(args)
        return super().resolve_command(ctx, args)


def _repeatable(command: click.Command) -> click.Command:
    """Give a command the option --every, with which it is written down and not run."""
    harvest = command.callback
    assert harvest is not None

    def ask(*arguments: Any, **options: Any) -> Any:
        ctx = click.get_current_context()
        every = ctx.meta.get(_EVERY)
        return harvest(*arguments, **options) if every is None else _order(ctx, every, options.get("as_json", False))

    def keep(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        ctx.meta[_EVERY] = None if value is None else read_length(value)

    command.callback = ask
    words = "Again and again, by the worker: 30m, 6h, 2d, hourly, daily or weekly."
    command.params.append(click.Option(["--every"], expose_value=False, callback=keep, help=words))
    return command


def _order(ctx: click.Context, every: timedelta, as_json: bool) -> None:
    if ctx.params.get("until") or ctx.params.get("audit"):
        raise click.UsageError("--every brings what is new; it does not go with --until or --audit")
    library = open_library()
    from broadsheet.library import scheduling

    since: datetime | None = ctx.params.get("since")
    names = {parameter.name for parameter in ctx.command.params}
    follows = "since" in names and not (ctx.command.name == "arxiv" and ctx.params.get("query"))
    first = since.date() if since else None
    if ctx.command.name == "arxiv" and follows and first is None:
        first = _first_day(library, ctx.params)
    row = scheduling.order(
        library.alias,
        shlex.join(_kept(ctx)),
        every,
        library.clock(),
        first,
        _OVERLAP.get(ctx.command.name or "", 1) if follows else None,
    )
    if as_json:
        print_json(_told(row))
        return
    out.print(
        f"Harvest {row.pk}: [bold]{shown(row.command)}[/bold] {scheduling.often(every)}, first now, by the worker"
        f" (broadsheet run, or worker).\nAll of them: broadsheet harvest --list. End this one:"
        f" broadsheet harvest --stop {row.pk}"
    )


def arxiv_request(endpoint: str | None, subset: str | None) -> str:
    """How what is asked of arXiv's protocol begins."""
    return f"oai {endpoint or ''} set={subset or ''} "


def _first_day(library: "Library", asked: dict[str, Any]) -> date:
    """Where arXiv's first harvest begins, if nobody says: behind the last one, else at what was listed lately."""
    last = library.last_run("arxiv", arxiv_request(asked.get("endpoint"), asked.get("subset")))
    return last.started_at.date() - timedelta(days=1) if last else library.clock().date() - timedelta(days=7)


def _kept(ctx: click.Context) -> list[str]:
    """The words of the command as they are kept: paths in full, without what each run is told anew."""
    paths = {str(value): str(value.expanduser().absolute()) for value in ctx.params.values() if isinstance(value, Path)}
    kept, passed = [], 0
    for word in ctx.meta[_WORDS]:
        name, equals, _ = word.partition("=")
        if passed:
            passed -= 1
        elif name in _DROPPED:
            passed = 0 if equals else _DROPPED[name]
        else:
            kept.append(paths.get(word, word))
    return kept


def print_orders(as_json: bool) -> None:
    """Print the harvests that come again, how the last run of each went and when the next is."""
    library = open_library()
    from broadsheet.library import scheduling

    rows = scheduling.orders(library.alias)
    if as_json:
        print_json([_told(row) for row in rows])
        return
    if not rows:
        out.print("No harvest comes again by itself. Next: broadsheet harvest arxiv --set cs:cs:IR --every daily")
    now = library.clock()
    for row in rows:
        how = f"[bold]{row.pk}[/bold]  {shown(row.command)}  [dim]{scheduling.often(row.every)}[/dim]"
        out.print(how, soft_wrap=True)
        out.print(f"   {_state(row, now)}", soft_wrap=True)
        if row.error:
            out.print(f"   [red]![/red] {shown(row.error)}", soft_wrap=True)


def end_order(number: int, as_json: bool) -> None:
    """End a harvest that comes again; what it brought stays."""
    library = open_library()
    from broadsheet.library import scheduling

    row = scheduling.stop(library.alias, number)
    if as_json:
        print_json({"stopped": number, "command": row.command})
    else:
        out.print(f"{shown(row.command)} does not come again. What it brought stays.")


def _state(row: "Schedule", now: datetime) -> str:
    last = f"last succeeded {row.succeeded_at:%Y-%m-%d %H:%M} UTC" if row.succeeded_at else "has not succeeded yet"
    if row.claimed_until and row.claimed_until > now:
        return f"{last}; running now"
    failed = f", failed {row.failures} times since" if row.failures else ""
    return f"{last}{failed}; next {'now' if row.next_at <= now else f'{row.next_at:%Y-%m-%d %H:%M} UTC'}"


def _told(row: "Schedule") -> dict[str, Any]:
    times = {name: getattr(row, name) for name in ("next_at", "tried_at", "succeeded_at")}
    return {
        "number": row.pk,
        "command": row.command,
        "every_seconds": int(row.every.total_seconds()),
        "since": row.since.isoformat() if row.since else None,
        **{name: at.isoformat() if at else None for name, at in times.items()},
        "failures": row.failures,
        "error": row.error or None,
    }


def arguments_of(row: "Schedule") -> Sequence[str]:
    """What a run of an order is called with."""
    since = ["--since", row.since.isoformat()] if row.since and row.overlap is not None else []
    return [*shlex.split(row.command), *since, "--json", "--no-embed"]
