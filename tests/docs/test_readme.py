"""The README leads to a result at once."""

import re


def test_it_is_short_and_the_first_command_comes_early(root):
    lines = (root / "README.md").read_text().splitlines()
    assert len(lines) <= 80
    commands = [number for number, line in enumerate(lines, 1) if line.startswith("$ ")]
    assert commands
    assert commands[0] <= 15


def test_the_commands_that_it_shows_exist(root):
    from broadsheet.cli import main

    shown = re.findall(r"^\$ broadsheet ([a-z]+)", (root / "README.md").read_text(), re.M)
    assert shown
    assert set(shown) <= set(main.list_commands(None))
    targets = set(re.findall(r"(?:`|^\$ )make ([a-z]+)", (root / "README.md").read_text(), re.M))
    assert targets
    assert targets <= set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.M))
