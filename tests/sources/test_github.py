"""Stars of a repository, from an API on loopback that answers as GitHub's does."""

import json

import pytest

from broadsheet.sources import FetchError, SourceError, repository, stars


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/Ann-Lee/paging", "ann-lee/paging"),
        ("http://www.github.com/ann-lee/paging.git", "ann-lee/paging"),
        ("https://github.com/ann-lee/paging/tree/main?tab=readme#use", "ann-lee/paging"),
        ("https://github.com/ann-lee", None),
        ("https://github.com/topics/paging", None),
        ("https://github.com/ann-lee/..", None),
        ("https://github.com.evil.example/ann-lee/paging", None),
        ("https://gist.github.com/ann-lee/paging", None),
        ("javascript:https://github.com/ann-lee/paging", None),
    ],
)
def test_a_repository_is_told_from_other_addresses(url, name):
    assert repository(url) == name


def test_stars_are_asked_for_with_the_token(serve, transport_to):
    asked = []

    def reply(path, headers):
        asked.append((path, headers.get("authorization") or headers.get("Authorization")))
        return 200, {}, json.dumps({"stargazers_count": 1204}).encode()

    server = serve(reply)
    assert stars(transport_to(server), "ann-lee/paging", "s3cret", server.url) == 1204
    assert asked == [("/repos/ann-lee/paging", "Bearer s3cret")]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"stargazers_count": -1}', b'{"stargazers_count": "9"}', b"<html>"])
def test_an_answer_without_a_count_is_an_error(serve, transport_to, body):
    server = serve(lambda *_: (200, {}, body))
    with pytest.raises(SourceError, match="ann-lee/paging"):
        stars(transport_to(server), "ann-lee/paging", endpoint=server.url)


def test_a_repository_that_is_gone_is_told_by_its_status(serve, transport_to):
    server = serve(lambda *_: (404, {}, b"{}"))
    with pytest.raises(FetchError) as refused:
        stars(transport_to(server), "ann-lee/gone", endpoint=server.url)
    assert refused.value.status == 404
