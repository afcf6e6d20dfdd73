"""The mail of an alert: which new papers match a saved search, and how to hear no more of it."""

import re
from collections.abc import Sequence

from django.conf import settings
from django.template.loader import render_to_string

from broadsheet.digests import alerts, links
from broadsheet.digests.letter import Letter, host
from broadsheet.digests.models import Alert
from broadsheet.digests.wording import counted, cut, listed, opening, plain
from broadsheet.library.models import Version

SHOWN = 20
"""How many papers a mail names; of the others it gives the number."""
_SUBJECT, _TITLE, _ABSTRACT, _AUTHORS = 60, 300, 400, 3
_STEERING = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def compose(alert: Alert, address: str, versions: Sequence[Version], count: int, name: str) -> Letter:
    """The mail about `count` papers of which `versions` are named. Raises DigestError for an address that is none."""
    query = " ".join(_STEERING.sub("", alert.query).split())
    leave = f"{settings.SITE}/d/alert/{alerts.seal(alert)}"
    context = {
        "said": f"{counted(count, 'new paper')} for your search",
        "query": query,
        "papers": [_shown(version) for version in versions],
        "rest": counted(count - len(versions), "more paper") if count > len(versions) else "",
        "feed": f"{settings.SITE}/feeds/alerts/{alert.key}.atom",
        "alerts": f"{settings.SITE}/alerts",
        "leave": leave,
        "host": host(),
    }
    return Letter(
        f"{counted(count, 'new paper')}: {cut(query, _SUBJECT)}",
        render_to_string("digests/alert.txt", context),
        address,
        render_to_string("digests/alert.html", context),
        {
            "Message-ID": f"<{name}@{host()}>",
            "List-Id": f"Broadsheet <alerts.{host()}>",
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _shown(version: Version) -> dict[str, str]:
    names = [plain(name) for name in version.author_names[: _AUTHORS + 1]]
    more = len(version.author_names) - _AUTHORS
    return {
        "title": cut(plain(version.title), _TITLE),
        "authors": listed([*names[:_AUTHORS], f"{more:,} more"] if more > 1 else names),
        "abstract": cut(opening(plain(version.abstract)), _ABSTRACT),
        "link": links.to_paper(version.paper),
    }
