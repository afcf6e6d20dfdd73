"""The site's secret key, replaced: what it signed stays good for as long as the operator names it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from broadsheet.config.options import OptionError, read_options

SIGN = "from django.core import signing; print(signing.dumps('a link'))"
READ = "import sys; from django.core import signing; print(signing.loads(sys.argv[1]))"


@pytest.fixture
def run(tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run lines of Python in a process of the site in this home, with old keys if there are any."""

    def start(code: str, *arguments: str, old: str = "") -> subprocess.CompletedProcess[str]:
        settings = {"BROADSHEET_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "broadsheet.config.settings"}
        environment = {**os.environ, **settings, "BROADSHEET_OLD_KEYS": old}
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60)

    return start


def test_what_was_signed_before_the_key_changed_is_good_while_the_old_key_is_named(run, tmp_path):
    signed = run(SIGN).stdout.strip()
    key: Path = tmp_path / "secret-key"
    old = key.read_text()
    assert run(READ, signed).stdout == "a link\n"
    key.unlink()
    assert "BadSignature" in run(READ, signed).stderr
    assert key.read_text() != old
    assert run(READ, signed, old=f"{'o' * 40}, {old}").stdout == "a link\n"
    assert run(READ, run(SIGN, old=old).stdout.strip()).stdout == "a link\n"  # new links are signed with the new key
    key.write_text(f"{old}\n")  # as an editor leaves it
    assert run(READ, signed).stdout == "a link\n"


def test_an_old_key_that_could_be_guessed_stops_the_start():
    with pytest.raises(OptionError, match="BROADSHEET_OLD_KEYS=…: a key has 20 characters or more"):
        read_options({"BROADSHEET_OLD_KEYS": f"{'o' * 40},short"})
