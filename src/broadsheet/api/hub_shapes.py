"""Papers as the Hugging Face Hub writes them, so that its clients read them without knowing of this site.

Those clients read some fields of a list at the top of each paper, others inside its `paper`, and take a zero for
nothing unless both levels say it: so both levels say all. A date has a time and a Z, or a client refuses the list.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

from broadsheet.community.models import Claim, Comment, Reader, Submission
from broadsheet.community.submitting import submissions
from broadsheet.library.models import Version
from broadsheet.sources import FetchError, repository
from broadsheet.sources.transport import check_url

Shape = dict[str, Any]

_SOURCES = {"arxiv": "arXiv", "crossref": "Crossref", "datacite": "DataCite"}
_REPOS = re.compile(
    r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(?P<kind>datasets/|spaces/|)"
    r"(?P<id>(?P<owner>[\w-][\w.-]{0,95})/[\w.-]{1,95})(?=[/?#]|$)",
    re.ASCII,
)
_KINDS = {"": "models", "datasets/": "datasets", "spaces/": "spaces"}
_NOT_OWNERS = frozenset(
    "api blog chat collections datasets docs enterprise join learn login models new organizations papers posts pricing "
    "settings spaces tasks".split()
)


@dataclass(slots=True)
class People:
    """Who has to do with some papers: who brought them, who signs as which author, and which of those comment."""

    brought: dict[int, Submission]
    signed: dict[tuple[int, str], Reader] = field(default_factory=dict)
    taking_part: set[int] = field(default_factory=set)


def write_items(request: HttpRequest, versions: Iterable[Version]) -> list[Shape]:
    """Papers of a list, each at two levels. Three queries at most, whatever their number."""
    shown = list(versions)
    people, icon = _people(shown), _icon(request)
    return [_item(version, people, icon) for version in shown]


def write_info(request: HttpRequest, version: Version) -> Shape:
    """One paper, at one level, with the models, datasets and spaces that it links to."""
    people, icon = _people([version]), _icon(request)
    repos = linked(version)
    return {
        **_paper(version, people, icon),
        **_beside(version, people, icon),
        "submittedBy": _submitter(version, people, icon),
        **{f"linked{kind.title()}": found for kind, found in repos.items()},
        **{f"numTotal{kind.title()}": len(found) for kind, found in repos.items()},
    }


def linked(version: Version) -> dict[str, list[Shape]]:
    """The models, datasets and spaces of the Hub that a paper's source links to."""
    repos: dict[str, dict[str, Shape]] = {kind: {} for kind in _KINDS.values()}
    for link in version.links:
        found = _REPOS.match(link["url"])
        if found and found["owner"].casefold() not in _NOT_OWNERS:
            repos[_KINDS[found["kind"]]][found["id"]] = {"id": found["id"], "author": found["owner"]}
    return {kind: list(each.values()) for kind, each in repos.items()}


def write_message(request: HttpRequest, comment: Comment) -> Shape:
    """A comment just written, as a discussion on the Hub would have it."""
    icon, at = _icon(request), _moment(comment.at)
    author = _reader(comment.reader, icon) if comment.reader else None
    return {
        "id": str(comment.pk),
        "type": "comment",
        "createdAt": at,
        "author": author,
        "data": {
            "edited": False,
            "hidden": False,
            "latest": {"raw": comment.text, "updatedAt": at},
            "parentCommentId": str(comment.parent_id) if comment.parent_id else None,
        },
    }


def _item(version: Version, people: People, icon: str) -> Shape:
    paper = _paper(version, people, icon)
    return {
        "paper": paper,
        **{name: value for name, value in paper.items() if name not in ("authors", "publishedAt")},
        **_beside(version, people, icon),
        "publishedAt": _midnight(version.paper.day),
        "submittedBy": _submitter(version, people, icon),
    }


def _paper(version: Version, people: People, icon: str) -> Shape:
    paper = version.paper
    shape = {
        "id": paper.key,
        "title": version.title,
        "summary": version.abstract,
        "authors": _authors(version, people, icon),
        "publishedAt": _midnight(version.date or paper.day),
        "submittedOnDailyAt": _midnight(paper.day),
        "submittedOnDailyBy": _submitter(version, people, icon),
        "upvotes": paper.votes,
        "discussionId": _object_id("discussion", paper.key),
        "mediaUrls": _media(people.brought.get(version.paper_id)),
    }
    return shape | _links(version)


def _beside(version: Version, people: People, icon: str) -> Shape:
    """What stands only at the top."""
    return {
        "source": version.source,
        "thumbnail": icon,
        "numComments": version.paper.comments,
        "isAuthorParticipating": version.paper_id in people.taking_part,
    }


def _links(version: Version) -> Shape:
    """Where the code and the page of a paper are, as far as its source says so."""
    shape: Shape = {}
    code = next((name for link in version.links if (name := repository(link["url"]))), None)
    if code:
        shape |= {"githubRepo": f"https://github.com/{code}", "githubStars": version.paper.stars}
    page = next((link["url"] for link in version.links if link["kind"] == "project" and _is_plain(link["url"])), None)
    return shape | ({"projectPage": page} if page else {})


def _is_plain(url: str) -> bool:
    try:
        check_url(url)
    except FetchError:
        return False
    return True


def _authors(version: Version, people: People, icon: str) -> list[Shape]:
    shapes = []
    for place, author in enumerate(version.authors):
        name = author["name"]
        shape: Shape = {"_id": _object_id("author", version.paper.key, str(place)), "name": name, "hidden": False}
        if reader := people.signed.get((version.paper_id, name)):
            shape |= {"user": _reader(reader, icon), "status": "claimed_verified"}
        shapes.append(shape)
    return shapes


def _submitter(version: Version, people: People, icon: str) -> Shape:
    """The reader who brought a paper, else the source that it came from."""
    submission = people.brought.get(version.paper_id)
    if submission and submission.reader:
        return _reader(submission.reader, icon)
    return _user("org", version.source, _SOURCES.get(version.source, version.source), icon)


def _reader(reader: Reader, icon: str) -> Shape:
    return _user("user", reader.username, reader.shown_name, icon)


def _user(kind: str, name: str, fullname: str, icon: str) -> Shape:
    return {
        "_id": _object_id(kind, name),
        "avatarUrl": icon,
        "fullname": fullname,
        "name": name,
        "user": name,
        "type": kind,
        "isPro": False,
    }


def _media(submission: Submission | None) -> list[str]:
    return [submission.media_url] if submission and submission.media_url else []


def _people(versions: Sequence[Version]) -> People:
    ids = [version.paper_id for version in versions]
    people = People(submissions(ids, None))
    accepted = Claim.objects.filter(
        paper__in=ids, state=Claim.State.ACCEPTED, reader__is_limited=False, reader__is_active=True
    )
    pairs = set()
    for claim in accepted.select_related("reader").order_by("at", "pk"):
        people.signed.setdefault((claim.paper_id, claim.author), claim.reader)
        pairs.add((claim.paper_id, claim.reader_id))
    if pairs:
        papers, readers = zip(*pairs, strict=True)
        written = Comment.objects.filter(paper__in=papers, reader__in=readers, is_shown=True, deleted_at__isnull=True)
        people.taking_part = {pair[0] for pair in written.values_list("paper", "reader").distinct() if pair in pairs}
    return people


def _icon(request: HttpRequest) -> str:
    """The picture that stands for a paper or a reader, of whom the site keeps none."""
    return request.build_absolute_uri(static("web/icon.png"))


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def _object_id(*parts: str) -> str:
    """An opaque name of 24 hexadecimal digits, always the same for the same thing."""
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()
