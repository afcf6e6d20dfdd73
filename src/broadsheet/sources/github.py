"""GitHub: how many people starred the code that a paper links to."""

import json
import re

from broadsheet.sources.errors import SourceError
from broadsheet.sources.transport import Transport

ENDPOINT = "https://api.github.com"

_REPOSITORY = re.compile(
    r"https?://(?:www\.)?github\.com/(?P<owner>[a-z0-9](?:[a-z0-9-]{0,38}))/(?P<name>[a-z0-9._-]{1,100})(?=[/?#]|$)",
    re.I,
)
_NOT_OWNERS = frozenset({"orgs", "topics", "features", "sponsors", "marketplace", "settings", "collections"})


def repository(url: str) -> str | None:
    """The repository that a web address leads into, as ``owner/name`` in small letters; None for any other address.

    >>> repository("https://github.com/Ann-Lee/paging.git"), repository("https://github.com/ann-lee")
    ('ann-lee/paging', None)
    """
    found = _REPOSITORY.match(url)
    if not found or found["owner"].casefold() in _NOT_OWNERS:
        return None
    name = found["name"].casefold().removesuffix(".git")
    return f"{found['owner'].casefold()}/{name}" if name.strip(".") else None


def stars(transport: Transport, name: str, token: str = "", endpoint: str = ENDPOINT) -> int:
    """How many stars a repository has. Raises FetchError where GitHub does not say, SourceError where it says no count.

    `token` raises GitHub's limit from 60 to 5,000 an hour. Source: GitHub REST API, "Get a repository", 2022-11-28.
    """
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    url = f"{endpoint}/repos/{name}"
    try:
        count = json.loads(transport.get(url, headers=headers).body)["stargazers_count"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(f"{url} answered something else than a repository") from error
    if type(count) is not int or not 0 <= count < 1 << 31:
        raise SourceError(f"{url} says {str(count)[:40]!r} stars")
    return count
