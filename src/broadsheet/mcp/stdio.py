"""The door at standard input and output, for a program that starts its own server: one client, until input ends."""

from collections.abc import Callable

import anyio
from django.conf import settings
from mcp.server.stdio import stdio_server

from broadsheet.library import Library
from broadsheet.mcp.server import Place, Work, make_server


def serve(work: Work, library: Callable[[], Library]) -> None:
    """Answer on standard output what is asked on standard input. Each answer waits until the journal is followed."""
    server = make_server(Place(work, library, lambda _: str(settings.SITE)))

    async def speak() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(speak)
