"""What tests of every room share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real collections that lie outside the repository; tests that need it are skipped without it."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("BROADSHEET_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip("the shared collections are not here; BROADSHEET_SHARED_DATA names their folder")
    return folder
