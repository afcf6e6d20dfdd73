"""``broadsheet mcp``: what language models ask, on standard input and output."""

from importlib import import_module

import click

from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import err


@click.command()
@common
def mcp(as_json: bool) -> None:
    """Answer a program that speaks the Model Context Protocol, on standard input and output."""
    library = open_library()
    try:
        door = import_module("broadsheet.config.stdio")  # by its name, as the web server loads the site
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise click.ClickException("this needs the extra mcp: pip install 'broadsheet[mcp]'") from error
    if library.embedder is None:
        err.print("No sentence encoder here, so papers are found by words only.")
    door.serve(library)
