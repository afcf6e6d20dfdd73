"""Every option of Broadsheet: one line each. All are read once, at start, and every problem is reported at once."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


class OptionError(ImproperlyConfigured):
    """Options that cannot be used; the message has a line for each."""


@dataclass(frozen=True, slots=True)
class Option:
    """A setting from the environment: its name, how its text is read, what holds without it, what it is for."""

    name: str
    read: Callable[[str], Any]
    default: Any
    purpose: str
    is_secret: bool = False


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _flag(text: str) -> bool:
    if text.casefold() in ("1", "yes", "true", "on"):
        return True
    if text.casefold() in ("0", "no", "false", "off", ""):
        return False
    raise ValueError("say 1 or 0")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65_536:
        return int(text)
    raise ValueError("a port is a number from 1 to 65535")


OPTIONS = (
    Option("BROADSHEET_HOME", _folder, Path("~/.broadsheet").expanduser(), "folder of database, key and caches"),
    Option("BROADSHEET_DATABASE", str, "", "postgresql://USER:PASSWORD@HOST/NAME instead of SQLite", True),
    Option("BROADSHEET_MODEL", str, "", "sentence encoder: a folder, ID@COMMIT of a hub, or none"),
    Option("BROADSHEET_HOSTS", _words, ("localhost", "127.0.0.1", "[::1]"), "host names the site answers to"),
    Option("BROADSHEET_HTTPS", _flag, False, "1 where the site is reached by https only: secure cookies, HSTS"),
    Option("BROADSHEET_FETCH_ALLOW", _words, (), "HOST:PORT pairs inside your own network that harvests may reach"),
    Option("BROADSHEET_CONTACT", str, "", "e-mail or web address named in the User-Agent of harvests"),
    Option("BROADSHEET_DEBUG", _flag, False, "1 shows error pages with code; never on a public site"),
    Option("PORT", _port, 8000, "port of the web server"),
)  # fmt: skip


def read_options(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Read every option, by name. Raises OptionError naming each that cannot be read and each unknown name."""
    known = {option.name for option in OPTIONS}
    problems = [
        f"{name} is not an option of Broadsheet; known are {', '.join(sorted(known))}"
        for name in environment
        if name.startswith("BROADSHEET_") and name not in known and not name.startswith("BROADSHEET_TEST_")
    ]
    values = {}
    for option in OPTIONS:
        text = environment.get(option.name, "").strip()
        try:
            values[option.name] = option.read(text) if text else option.default
        except ValueError as error:
            problems.append(f"{option.name}={'…' if option.is_secret else repr(text)}: {error}")
    if problems:
        raise OptionError("\n".join(problems))
    return values
