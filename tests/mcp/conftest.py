"""A library on each kind of database, asked through the server as a model's program asks, without a wire in between."""

import asyncio
from asyncio import get_running_loop
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connections

SITE = "https://papers.example"


@pytest.fixture
def clock(clock):
    """Rates are counted in real time, so the library's is near it."""
    clock.now = datetime.now(UTC)
    return clock


@pytest.fixture
def shelf(record) -> Callable[..., list["Record"]]:  # noqa: F821
    """Three papers, of which two are about paging."""

    def papers(today: date) -> list:
        paging = record(
            "Paging with succinct predictions",
            "2611.00001",
            "doi:10.1145/1.2",
            authors=["Ada Byron", "Émilie du Châtelet"],
            links=["https://code.example/paging"],
            abstract="We study which page is evicted when a prediction of one bit comes with each request.",
            topics=("cs.DS",),
            published=date(2024, 3, 1),
            announced=today,
        )
        other = record("Paging in rounds", "2611.00002", abstract="Rounds of requests.", announced=today)
        return [paging, other, record("Soup as a service", "2611.00003", abstract="Soup.", announced=date(2001, 2, 3))]

    return papers


@pytest.fixture
def library(site_library, shelf) -> "Library":  # noqa: F821
    site_library.put(shelf(site_library.today()))
    return site_library


class Model:
    """What a model's program has in hand: it calls tools, reads papers, and lists what there is."""

    def __init__(self, library: "Library", threads: ThreadPoolExecutor) -> None:  # noqa: F821
        from broadsheet.mcp.server import Place, make_server

        def work(act):
            return get_running_loop().run_in_executor(threads, act)

        self.server = make_server(Place(work, lambda: library, lambda request: SITE))

    def does(self, act: Callable) -> object:
        """Do something with a client of the server; an error that it is told is raised as it is."""
        from mcp import Client
        from mcp.shared.exceptions import MCPError

        async def speak():
            async with Client(self.server) as client:
                try:
                    return await act(client)
                except MCPError as error:  # raised in here, it would come out in a group
                    return error

        result = asyncio.run(speak())
        if isinstance(result, MCPError):
            raise result
        return result

    def call(self, tool: str, **arguments: object) -> "CallToolResult":  # noqa: F821
        return self.does(lambda client: client.call_tool(tool, arguments))

    def learns(self, tool: str, **arguments: object) -> dict:
        """The structure that a tool answers with."""
        result = self.call(tool, **arguments)
        assert not result.is_error, result.content
        return result.structured_content

    def hears(self, tool: str, **arguments: object) -> str:
        """The text that a tool answers with."""
        return self.call(tool, **arguments).content[0].text

    def is_told(self, tool: str, **arguments: object) -> str:
        """Why a tool did not answer."""
        result = self.call(tool, **arguments)
        assert result.is_error
        assert result.structured_content is None
        return result.content[0].text

    def reads(self, uri: str) -> str:
        return self.does(lambda client: client.read_resource(uri)).contents[0].text


@pytest.fixture
def model(library) -> Iterator[Model]:
    with ThreadPoolExecutor(1) as threads:
        yield Model(library, threads)
        threads.submit(connections.close_all).result()
