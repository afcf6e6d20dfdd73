"""Commands run in this process, on a library of their own: what needs no process costs none."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result


@pytest.fixture
def invoke(library_on_sqlite) -> Callable[..., Result]:
    """Run a command; an error for which there is no clear line is raised."""
    from broadsheet.cli import main

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(main, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
