"""Every option of Broadsheet: one line each. All are read once, at start, and every problem is reported at once."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from broadsheet.library.feed_day import FeedDay


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


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 9:
        return int(text)
    raise ValueError("say a whole number")


def _site(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("write it as https://papers.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def _mail_server(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
        raise ValueError("write it as smtp://HOST:25, smtp+starttls://USER:PASSWORD@HOST:587 or smtps://…:465")
    if parts.port == 0:
        raise ValueError("the port is a number from 1 to 65535")
    return text


def _sign_up(text: str) -> tuple[str, ...]:
    words = tuple(word.casefold().removeprefix("@") for word in _words(text))
    if words not in (("open",), ("closed",)) and any("." not in word for word in words):
        raise ValueError("say open, closed, or the mail domains that may sign up")
    return words


def _hook_secret(text: str) -> str:
    if len(text) < 24 or not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("take 24 letters and digits or more, such as those of: openssl rand -hex 20")
    return text


def _old_keys(text: str) -> tuple[str, ...]:
    keys = _words(text)
    if any(len(key) < 20 for key in keys):
        raise ValueError("a key has 20 characters or more; write them with commas in between")
    return keys


def _oidc(text: str) -> dict[str, str]:
    words = text.split()
    if len(words) != 4 or not words[1].startswith(("https://", "http://")):
        raise ValueError("write NAME ISSUER CLIENT SECRET, such as “Lab https://id.lab.example broadsheet s3cret”")
    return dict(zip(("name", "issuer", "client", "secret"), words, strict=True))


def _key(text: str) -> str:
    if not re.fullmatch(r"[\w.~-]{0,200}", text, re.A):
        raise ValueError("write the key alone: letters, digits, “-”, “_”, “.” and “~”")
    return text


OPTIONS = (
    Option("BROADSHEET_HOME", _folder, Path("~/.broadsheet").expanduser(), "folder of database, key and caches"),
    Option("BROADSHEET_OLD_KEYS", _old_keys, (), "secret keys of before, whose links in mails stay good", True),
    Option("BROADSHEET_DATABASE", str, "", "postgresql://USER:PASSWORD@HOST/NAME instead of SQLite", True),
    Option("BROADSHEET_MODEL", str, "", "sentence encoder: a folder, ID@COMMIT of a hub, or none"),
    Option("BROADSHEET_RERANKER", str, "", "cross-encoder for deep searches: a folder, ID@COMMIT of a hub, or none"),
    Option("BROADSHEET_HOSTS", _words, ("localhost", "127.0.0.1", "[::1]"), "host names the site answers to"),
    Option("BROADSHEET_HTTPS", _flag, False, "1 where the site is reached by https only: secure cookies, HSTS"),
    Option("BROADSHEET_FETCH_ALLOW", _words, (), "HOST:PORT pairs inside that harvests may reach"),
    Option("BROADSHEET_HOOK_ALLOW", _words, (), "HOST:PORT pairs inside that every reader's webhooks may reach"),
    Option("BROADSHEET_GITHUB", str, "", "GitHub token to ask for stars of linked code with, or anonymous", True),
    Option("BROADSHEET_CONTACT", str, "", "e-mail or web address named in the User-Agent of harvests"),
    Option("BROADSHEET_OPENALEX", _key, "", "API key of OpenAlex for its harvests", True),
    Option("BROADSHEET_SEMANTIC_SCHOLAR", _key, "", "API key of Semantic Scholar for its harvests", True),
    Option("BROADSHEET_NCBI", _key, "", "API key of NCBI for harvests of PubMed", True),
    Option("BROADSHEET_SITE", _site, "", "address of the site as readers reach it; else http://localhost:PORT"),
    Option("BROADSHEET_PROXIES", _words, (), "addresses of proxies in front whose X-Forwarded-For is believed"),
    Option("BROADSHEET_FEED_DAY", FeedDay.parse, FeedDay(), "time zone and hour at which the next day's list opens"),
    Option("BROADSHEET_SIGN_UP", _sign_up, ("open",), "who may sign up: open, closed, or mail domains"),
    Option("BROADSHEET_SUBMIT_DAYS", _count, 0, "refuse submitted papers first published longer ago; 0 takes any"),
    Option("BROADSHEET_SUBMIT_LIMIT", _count, 10, "papers that a reader may submit in a feed day"),
    Option("BROADSHEET_LOOKUP", _site, "", "server asked for single papers in place of arXiv, Crossref and DataCite"),
    Option("BROADSHEET_MAIL", _mail_server, "", "smtp://USER:PASSWORD@HOST:PORT; without it mail is printed", True),
    Option("BROADSHEET_MAIL_FROM", str, "Broadsheet <broadsheet@localhost>", "sender of the site's mail"),
    Option("BROADSHEET_MAIL_PACE", _count, 0, "mails a minute to one mail domain; 0 sets no pace"),
    Option("BROADSHEET_CONFIRMATIONS", _count, 200, "mails a day that ask people of one mail domain to confirm"),
    Option("BROADSHEET_BOUNCES", _folder, None, "Maildir with the reports of mails that came back"),
    Option("BROADSHEET_BOUNCE_SECRET", _hook_secret, "", "secret that ends the address /hooks/bounces/SECRET", True),
    Option("BROADSHEET_OIDC", _oidc, None, "sign in elsewhere: NAME ISSUER CLIENT SECRET of OpenID Connect", True),
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
