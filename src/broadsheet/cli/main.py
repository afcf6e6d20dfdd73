"""The command group, what every command shares, and how errors become one clear line."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from broadsheet import __version__

if TYPE_CHECKING:
    from broadsheet.library import Library

Command = TypeVar("Command", bound=Callable[..., Any])

COMMANDS = {
    "init": "keeping",
    "import": "collecting",
    "harvest": "collecting",
    "embed": "collecting",
    "reindex": "reindexing",
    "search": "searching",
    "paper": "showing",
    "serve": "running",
    "worker": "running",
    "run": "running",
    "mcp": "speaking",
    "reader": "readers",
    "interests": "interests",
    "digest": "digests",
    "check": "keeping",
    "status": "keeping",
    "bench": "bench",
    "eval": "evaluating",
    "export": "keeping",
    "split": "keeping",
    "merge": "keeping",
    "erase": "keeping",
    "completion": "completion",
}
_TAKEN = ("import", "eval")
"""Names that Python has taken; their functions end in an underscore."""


class Commands(click.Group):
    """Loads a command's module when it is called, so that ``--help`` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"broadsheet.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, f"{name}_" if name in _TAKEN else name)
        command.short_help = in_short(command.help or "")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that a reader can act on becomes one line and exit code 1."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise
        except Exception as error:
            if message := explain(error):
                raise click.ClickException(message) from error
            raise


def in_short(help: str, width: int = 60) -> str:
    """What a command does in so many letters at most, where its clauses allow it: the beginning of its help.

    >>> in_short("Harvest arXiv: broadsheet harvest arxiv --set cs:cs:IR\\n\\nOne request in three seconds.")
    'Harvest arXiv'
    >>> in_short("Bring in papers from a source, now or with --every again and again.")
    'Bring in papers from a source'
    """
    said = " ".join(help.split("\n\n")[0].split()).partition(". ")[0].rstrip(".")
    for mark in (": ", "; "):
        if len(said) > width or " broadsheet " in said:
            said = said.partition(mark)[0]
    if len(said) > width and ", " in said[:width]:
        said = said[: said.rindex(", ", 0, width)]
    return said


def explain(error: Exception) -> str | None:
    """The line that an expected error deserves; None for one that is a fault of ours and needs its traceback."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from broadsheet.bench.errors import BenchError
    from broadsheet.community.errors import CommunityError
    from broadsheet.digests.errors import DigestError
    from broadsheet.evaluation.errors import EvaluationError
    from broadsheet.library import LibraryError
    from broadsheet.papers import PaperError
    from broadsheet.search import SearchError
    from broadsheet.sources import SourceError

    if isinstance(error, OperationalError):
        return f"the database cannot be used: {error}".strip().splitlines()[0]
    ours = PaperError | SourceError | SearchError | LibraryError | CommunityError | DigestError
    expected = ours | BenchError | EvaluationError | ImproperlyConfigured | OSError
    return str(error) if isinstance(error, expected) else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="broadsheet")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder of the library.")
def main(home: Path | None) -> None:
    """The Daily Papers that anyone can host.

    Start with: broadsheet run
    """
    choose_home(home)


def choose_home(home: Path | None) -> None:
    """Make a folder named on the command line the home of this process and of those it starts."""
    if home is not None:
        os.environ["BROADSHEET_HOME"] = str(home.expanduser().absolute())


def common(command: Command) -> Command:
    """Give a command the options that all have: ``--home`` (taken here) and ``--json`` (passed on as `as_json`)."""
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        expose_value=False,
        is_eager=True,
        callback=lambda ctx, param, value: choose_home(value),
        help="Folder of the library; else $BROADSHEET_HOME, else ~/.broadsheet.",
    )(command)


embed_option = click.option(
    "--embed/--no-embed", default=True, help="Also make what is new findable by meaning, now.  [default: embed]"
)


def open_library() -> "Library":
    """Open the library that the options name."""
    from broadsheet.library import Library

    return Library.open()
