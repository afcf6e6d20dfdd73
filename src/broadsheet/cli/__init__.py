"""How is it run from a terminal? Commands that print for people, and with --json for programs."""

from broadsheet.cli.main import main

__all__ = ["main"]
