"""The reference pages name what there is: every setting, every command with its options, queries that can be read."""

import re

import click
import pytest

from broadsheet.cli import main
from broadsheet.config.options import OPTIONS
from broadsheet.search import Query


@pytest.fixture(scope="session")
def page(root):
    return lambda name: (root / "docs" / "reference" / name).read_text()


def rows(text: str) -> dict[str, str]:
    """The rows of a page's tables, by what stands in code in their first cell."""
    return {found[1]: found[0] for found in re.finditer(r"^\| `([^`]+)`.*$", text, re.M)}


def test_every_setting_is_described_and_every_description_is_of_a_setting(page):
    assert sorted(rows(page("settings.md"))) == sorted(option.name for option in OPTIONS)


def test_every_command_is_described_and_every_description_is_of_a_command(page):
    described = {row.split()[1] for row in rows(page("commands.md")) if row.startswith("broadsheet ")}
    assert described == set(main.list_commands(None))


def leaves(command: click.Command) -> list[click.Command]:
    """A command, or those under it if it is a group."""
    if isinstance(command, click.Group):
        return [leaf for name in command.list_commands(None) for leaf in leaves(command.get_command(None, name))]
    return [command]


@pytest.mark.parametrize("name", main.list_commands(None))
def test_every_option_of_a_command_is_described(page, name):
    text = page("commands.md")
    everywhere = text.split("| Command")[0]
    row = "\n".join(row for title, row in rows(text).items() if title.startswith(f"broadsheet {name}"))
    options = {
        option
        for command in leaves(main.get_command(None, name))
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (parameter.secondary_opts or parameter.opts)
        if option.startswith("--")
    }
    described = set(re.findall(r"`(--[a-z-]+)", row + everywhere))
    assert options - described == set()


def test_every_query_on_the_page_of_queries_can_be_read(page):
    cells = re.findall(r"^\| (`.*?) \|", page("queries.md"), re.M)
    queries = [query for cell in cells for query in re.findall(r"`([^`]+)`", cell)]
    assert len(queries) > 10
    for query in queries:
        Query.parse(query if not query.startswith("-") else f"word {query}")
