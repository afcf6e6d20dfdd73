"""The OpenAPI document is the truth: every operation is described for people, and keeps to it whatever it is asked."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.api.v1 import api

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
READS_BY_POST = {"/search/like"}
METHODS = {"get", "put", "post", "patch", "delete"}


@pytest.fixture
def schema(anybody):
    return anybody.get("/openapi.json").json()


def operations(schema):
    """Every operation: method, address without the prefix, what is said of it."""
    return [
        (method.upper(), path.removeprefix("/api/v1"), said)
        for path, methods in schema["paths"].items()
        for method, said in methods.items()
        if method in METHODS
    ]


def test_every_operation_is_described_with_an_example_and_every_description_is_of_an_operation(schema):
    parts = re.split(r"^### ", PAGE.read_text(), flags=re.M)[1:]
    described = {re.match(r"`([A-Z]+ [^`]+)`", part)[1]: part for part in parts}
    assert set(described) == {f"{method} {path}" for method, path, _ in operations(schema)}
    for name, part in described.items():
        method, _, path = name.partition(" ")
        example = part.replace("\\\n", " ")
        assert "$ curl " in example, name
        assert re.search(re.sub(r"\{\w+\}", r"[^\\s\"]+", f'"\\$API{path}') + r'[?"]', example), name
        sends = "POST" if "--json" in example and "-X" not in example else "GET"
        assert (re.findall(r"-X ([A-Z]+)", example) or [sends])[0] == method, name


def test_every_parameter_and_field_of_a_list_is_named_on_the_page(schema):
    page = PAGE.read_text()
    named = {parameter["name"] for _, _, said in operations(schema) for parameter in said["parameters"]}
    assert {name for name in named - {"cursor"} if f"`{name}`" not in page and f"{{{name}}}" not in page} == set()


def test_operations_have_names_of_their_own_words_and_say_how_they_fail(schema):
    found = operations(schema)
    assert len(found) > 15
    assert len({said["operationId"] for _, _, said in found}) == len(found)
    for method, path, said in found:
        assert said["description"], path
        assert {"401", "429"} <= set(said["responses"]), path
        assert ("403" in said["responses"]) == (method != "GET" and path not in READS_BY_POST), path
        for status, answer in said["responses"].items():
            if status >= "400":
                assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_only_reading_is_open_to_anybody(schema):
    for method, path, said in operations(schema):
        is_open = {} in said["security"]
        assert not is_open or method == "GET" or path in READS_BY_POST, path


def test_the_description_loads_nothing_and_leads_nowhere_else(anybody, library):
    assert "http" not in json.dumps(anybody.get("/openapi.json").json()["paths"])
    assert anybody.get("/docs").status_code == 404
    assert anybody.get("/").json()["openapi"] == "http://localhost/api/v1/openapi.json"


PATHS = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
READS = [(path.removeprefix("/api/v1"), methods["get"]) for path, methods in PATHS.items() if "get" in methods]
ODD = st.one_of(
    st.text(max_size=50),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["", "\0", "%00", "../..", "null", "[]", "0", "-1", "9" * 5_000, "2026-02-30", "9999-12", "0001-W01", "1" * 19,
         "2026-W53", "2611.00001", "arXiv:2611.00001v9", "10.1145/3292500.3330919", "https://[", "a" * 2_000, "\u202e",
         "topic:", '"', "-x", "id:https://[", "after:0000", "WyJuZXdlc3QiLCI5OTk5LTEyLTMxIiwxXQ", "{{7*7}}", "';--",
         "\ud7ff\ue000", "votes", "trending"]
    ),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("path", "said"), READS, ids=[path for path, _ in READS])
def test_no_odd_parameter_breaks_a_reading_operation(program, paper, monkeypatch, path, said):
    from urllib.parse import quote, urlencode

    from broadsheet.community import limits

    monkeypatch.setitem(limits.RATES, "read", ("1000000 per minute", "1000000 per minute"))
    ann = program("ann")
    ann.call("POST", "/papers/2611.00001/comments", {"text": "Well."})
    names = [parameter["name"] for parameter in said["parameters"] if parameter["in"] == "query"]
    places = [parameter["name"] for parameter in said["parameters"] if parameter["in"] == "path"]
    documented = {int(status) for status in said["responses"]}

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        query=st.lists(st.tuples(st.sampled_from([*names, "x"]), ODD), max_size=4),
        inside=st.fixed_dictionaries({name: ODD.filter(bool) for name in places}),
        ending=st.sampled_from(["", "", "?", "?&&=", "?limit"]),
    )
    def ask(query, inside, ending):
        address = path
        for name, value in inside.items():
            address = address.replace(f"{{{name}}}", quote(value, safe=""))
        address += f"?{urlencode(query)}" if query else ending
        answer = ann.get(address)
        assert answer.status_code in documented, (address, answer.content)

    ask()


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/papers/2611.00001/comments", "/collections"])
def test_no_odd_body_breaks_a_writing_operation(program, paper, monkeypatch, address):
    from broadsheet.community import limits

    for kind in ("read", "comment", "collect"):
        monkeypatch.setitem(limits.RATES, kind, ("1000000 per minute", "1000000 per minute"))
    ann = program("ann")
    value = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | ODD,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
        max_leaves=8,
    )
    named = st.dictionaries(st.sampled_from(["text", "parent", "title", "about", "visibility"]), value, max_size=4)

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=value | named | st.binary(max_size=200))
    def send(body):
        answer = ann.call("POST", address, body)
        assert answer.status_code in (201, 400, 404, 422, 429), (body, answer.content)

    send()
