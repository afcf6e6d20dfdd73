"""Who is named in a comment: readers after @, in plain words only."""

import pytest

from broadsheet.community.markdown import is_link, named
from broadsheet.community.mentions import LIMIT, known, readers_named


@pytest.mark.parametrize(
    "text, handles",
    [
        ("@ann", ["ann"]),
        ("@Ann, see @bo's and @ANN", ["ann", "bo"]),
        ("(@ann) **@bo** > @cy", ["ann", "bo", "cy"]),
        ("> @ann wrote", ["ann"]),
        ("@a-b-c @a- @-a @a_b", ["a-b-c", "a"]),
        ("`@ann` and\n```\n@bo\n```\n@cy", ["cy"]),
        ("text\n\n    @ann", []),
        ("[@ann](https://x.example)", []),
        ("ann@bo.example @bo.example @@ann /@ann https://x.example/@ann?q=@bo", []),
        ("@" + "a" * 30, ["a" * 30]),
        ("@" + "a" * 31, []),
        ("@ann" * 1000, []),
        ("@" * 20_000, []),
        ("", []),
    ],
)
def test_handles_are_found_in_plain_words(text, handles):
    assert named(text) == handles


@pytest.mark.parametrize("url", ["https://x.example", "HTTP://x.example/a?b#c", "mailto:a@x.example"])
def test_such_links_may_stand_in_a_comment(url):
    assert is_link(url)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//x.example", "/status", "#c1", "https:x.example", "https:///x", "data:text/html,x",
     "mailto:", "https://x.example/\n", "\x01https://x.example", "ftp://x.example", ""],
)  # fmt: skip
def test_such_links_may_not(url):
    assert not is_link(url)


def test_only_readers_who_are_here_are_known(site_library, reader):
    reader("ann")
    reader("bo", is_active=False)
    assert known(["@ann and @bo", "@cy @Ann"]) == {"ann"}
    assert [found.username for found in readers_named("@cy @bo @Ann")] == ["ann"]


def test_a_comment_tells_ten_readers_at_most(site_library, reader):
    for n in range(15):
        reader(f"r{n}")
    found = readers_named(" ".join(f"@nobody{n} @r{n}" for n in range(15)))
    assert [one.username for one in found] == [f"r{n}" for n in range(LIMIT)]
