"""What cannot be done is told in a sentence that a model can act on, and never with a trace."""

import logging

import pytest


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("search", {}, "Search needs the argument query."),
        ("search", {"query": ""}, "The query cannot be read: the query is empty."),
        ("search", {"query": '"open'}, "The query cannot be read: the quote opened at character 1 is not closed."),
        ("search", {"query": "-paging"}, "The query cannot be read: the query only excludes;"),
        ("search", {"query": "q" * 1_001}, "Query has 1,000 characters at most."),
        (
            "search",
            {"query": " ".join(map(str, range(129)))},
            "The query cannot be read: a query has at most 128 words",
        ),
        ("search", {"query": "a\0b"}, "Query cannot be used: it holds a NUL character."),
        ("search", {"query": "a\ud800b"}, "Query cannot be used: it holds half a character (a lone surrogate)."),
        ("search", {"query": 7}, "Query has to be a text."),
        ("search", {"query": "x", "limit": 51}, "Limit is 50 at most."),
        ("search", {"query": "x", "limit": 0}, "Limit is 1 at least."),
        ("search", {"query": "x", "limit": "many"}, "Limit has to be a whole number."),
        ("search", {"query": "x", "limit": 10**400}, "Limit "),
        ("search", {"query": "x", "offset": 9_951}, "Offset is 9,950 at most."),
        ("search", {"query": "x", "sort": "votes"}, "Sort is one of 'relevance', 'date' or 'trending'."),
        ("search", {"query": "x", "at": 4}, "Change #4 is not in this library's journal, which goes from 0 to 3."),
        ("search", {"query": "x", "at": "-1"}, "'-1' is neither a change number nor a date such as 2026-11-01."),
        ("search", {"query": "x", "at": "yesterday"}, "'yesterday' is neither a change number nor a date"),
        ("search", {"query": "x", "at": ["3"]}, "At has to be a text."),
        (
            "search",
            {"query": "x", "q\ud800": 1},
            "Search has no argument of that name; it takes query, limit, at, sort",
        ),
        ("status", {"of": "you"}, "Status has no argument of that name; it takes none."),
        ("paper", {"id": "2611.99999"}, "No paper here has the identifier 2611.99999; search for its title."),
        ("paper", {"id": "nothing like\na name"}, "No paper here has the identifier nothing like a name; search"),
        ("paper", {"id": ""}, "Id is empty."),
        ("paper", {"id": "\0"}, "Id cannot be used: it holds a NUL character."),
        ("similar", {"id": "2611.99999"}, "No paper here has the identifier 2611.99999; search for its title."),
        ("daily", {"date": "today"}, "Date cannot be used: write a day as year, month and day, such as 2026-11-21."),
        ("daily", {"date": "2026-02-30"}, "Date cannot be used: day is out of range for month."),
        ("daily", {"date": "2999-01-01"}, "The list of 2999-01-01 is not open yet; today is "),
        ("trending", {"limit": 1_000_000}, "Limit is 50 at most."),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(value)[:30],
)
def test_what_cannot_be_done_is_told(model, tool, arguments, told):
    said = model.is_told(tool, **arguments)
    assert said.startswith(told)
    assert said.endswith(".")
    assert "\n" not in said


def test_a_paper_that_is_gone_is_told_without_a_word_of_it(model, library):
    library.withdraw("2611.00001")
    library.erase("2611.00002")
    for tool in ("paper", "similar"):
        assert model.is_told(tool, id="10.1145/1.2") == "The paper 2611.00001 was withdrawn."
        assert model.is_told(tool, id="2611.00002") == "The paper 2611.00002 was erased."
    for tool, arguments in (("search", {"query": "paging"}), ("daily", {}), ("trending", {})):
        found = [paper["id"] for paper in model.learns(tool, **arguments)["papers"]]
        assert not {"2611.00001", "2611.00002"} & set(found)
    earlier = model.learns("search", query="paging", at=3)
    assert [paper["id"] for paper in earlier["papers"]] == [
        "2611.00001"
    ]  # withdrawn is a matter of now, erased of ever


def test_an_unknown_tool_is_an_error_of_the_protocol(model):
    from mcp.shared.exceptions import MCPError

    with pytest.raises(MCPError, match="There is no tool of that name; there are search, paper, similar, daily,"):
        model.call("erase", id="2611.00001")


@pytest.mark.parametrize(
    "uri", ["paper://2611.99999", "paper://", "file:///etc/passwd", "paper://%00", "paper://a%2F.."]
)
def test_a_resource_that_is_not_there_is_an_error_of_the_protocol(model, uri):
    from mcp.shared.exceptions import MCPError

    with pytest.raises(MCPError, match=r"^(No paper here has the identifier|Papers are read as paper://)"):
        model.reads(uri)


def test_a_fault_of_ours_tells_the_log_everything_and_the_model_nothing(model, library, monkeypatch, caplog):
    from mcp.shared.exceptions import MCPError

    monkeypatch.delattr(type(library), "trending")
    with caplog.at_level(logging.ERROR), pytest.raises(MCPError) as raised:
        model.call("trending")
    assert str(raised.value) == "The fault is ours and is in the server's log."
    assert "AttributeError" in caplog.text


def test_a_database_that_is_away_is_told(model, library, caplog):
    from django.db import connections

    where = connections.settings[library.alias]
    connections.settings[library.alias] = {**where, "NAME": "/nowhere/at/all", "HOST": "/nowhere"}
    try:
        said = model.is_told("trending")
    finally:
        connections.settings[library.alias] = where
    assert said == "The database of this site does not answer; try again in a minute."
    assert "OperationalError" in caplog.text
