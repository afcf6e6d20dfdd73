"""The real schemathesis reads the description of the API and tries what it promises, as a stranger and as a reader."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "journeys")]
from homes import inside
from hub_library import fill
from sites import serving

CLIENT = Path(__file__).parents[2] / "build" / "clients" / "schemathesis"
BEYOND_A_SCHEMA = "positive_data_acceptance"
"""That a quote is closed, or that one of week and month is asked for, no description of parameters can say."""


@pytest.fixture(scope="module")
def served(tmp_path_factory, furnish) -> Iterator[tuple[str, str]]:
    """The address of a site with papers, and the secret of a token that may write."""
    home = furnish(tmp_path_factory.mktemp("home"))
    secret = inside(home, fill)
    with serving(home) as site:
        yield site, secret


@pytest.mark.parametrize("is_reader", [False, True], ids=["a stranger", "a reader"])
def test_the_api_does_what_its_description_says_whatever_it_is_asked(served, tmp_path, is_reader):
    assert CLIENT.is_dir(), f"make test installs {CLIENT}"
    site, secret = served
    asked = ["--max-examples", "4", "--exclude-checks", BEYOND_A_SCHEMA, "--seed", "1", "--no-color"]
    if is_reader:
        asked += ["-H", f"Authorization: Bearer {secret}"]
    else:  # who changes nothing, so that one request means nothing to the next
        asked += ["--phases", "examples,coverage"]
    command = [sys.executable, str(CLIENT / "bin" / "st"), "run", f"{site}/api/v1/openapi.json", *asked]
    environment = os.environ | {"PYTHONPATH": str(CLIENT)}
    told = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stdout[-6_000:]
    assert "Tested: " in told.stdout
