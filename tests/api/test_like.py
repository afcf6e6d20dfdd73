"""Papers like a text or like references, for programs."""

import pytest

ABSTRACT = "Eviction of pages with one bit of prediction for each request."
RIS = "TY  - JOUR\nTI  - Paging with predictions\nAB  - Page eviction with one bit.\nER  - \n"
BIBTEX = "@article{a, title = {Paging with predictions}, abstract = {Page eviction with one bit.}}"
CSL = '[{"title": "Paging with predictions", "abstract": "Page eviction with one bit."}]'


@pytest.fixture
def papers(library, record):
    library.put(
        [
            record("Paging with predictions", "2611.00001", abstract="Page eviction with one bit of prediction."),
            record("Evicting pages by oracles", "2611.00002", abstract="Each request comes with a bit."),
            *(record(f"On bread, part {n}", abstract="Each of the loaves.") for n in range(20)),
        ]
    )


def like(program, **sample):
    answer = program.call("POST", "/search/like", sample)
    assert answer.status_code == 200, answer.content
    return [hit["paper"]["id"] for hit in answer.json()["hits"]]


def test_anybody_finds_papers_like_a_text(papers, anybody, program):
    for caller in (anybody, program("ann"), program("bo", scopes=["read"])):
        assert like(caller, text=ABSTRACT)[:2] == ["2611.00001", "2611.00002"]
    assert len(like(anybody, text=ABSTRACT, limit=1)) == 1
    hit = anybody.call("POST", "/search/like", {"text": ABSTRACT}).json()["hits"][0]
    assert hit["paper"]["title"] == "Paging with predictions"
    assert sum(part["value"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])
    assert "eviction" in hit["snippet"]


@pytest.mark.parametrize("references", [RIS, BIBTEX, CSL], ids=["RIS", "BibTeX", "CSL-JSON"])
def test_papers_like_those_of_a_list_are_found_but_not_these(papers, anybody, references):
    found = like(anybody, references=references)
    assert found[0] == "2611.00002"
    assert "2611.00001" not in found
    answer = anybody.call("POST", "/search/like", {"references": references, "text": ABSTRACT})
    assert answer.json()["examples"] == 2


@pytest.mark.parametrize(
    ("sample", "status", "where"),
    [
        ({}, 422, "text"),
        ({"text": "  "}, 422, "text"),
        ({"text": "short"}, 422, "text"),
        ({"text": "a" * 8_001}, 422, "text"),
        ({"text": "a\0" * 20}, 422, "text"),
        ({"text": 7}, 422, "text"),
        ({"text": ABSTRACT, "more": 1}, 422, "more"),
        ({"text": ABSTRACT, "limit": 101}, 422, "limit"),
        ({"references": "nothing of the kind"}, 422, "references"),
        ({"references": "@article{a, title = {"}, 422, "references"),
        ({"references": "[" * 200_000}, 422, "references"),
        ({"references": "a" * 262_145}, 422, "references"),
        ([], 422, "sample"),
        (b"{", 400, None),
        (b"", 422, "sample"),
        (b"{" + b" " * (1 << 20) + b"}", 413, None),
    ],
    ids=range(16),
)
def test_what_is_no_example_is_told_in_a_sentence(papers, anybody, sample, status, where):
    answer = anybody.call("POST", "/search/like", sample)
    assert (answer.status_code, answer.json().get("where")) == (status, where), answer.json()


def test_only_json_is_read_and_a_wrong_token_is_refused(papers, anybody):
    assert anybody.call("POST", "/search/like", b"text=a", content_type="text/plain").status_code == 415
    wrong = {"Authorization": "Bearer bs_wrong"}
    assert anybody.call("POST", "/search/like", {"text": ABSTRACT}, **wrong).status_code == 401
    assert anybody.get("/search/like").status_code == 405


def test_words_that_no_paper_has_find_nothing(papers, anybody):
    assert like(anybody, text="zzzz yyyy xxxx wwww vvvv uuuu") == []


def test_how_often_one_may_ask_is_bounded(papers, anybody, program, monkeypatch):
    from broadsheet.community import limits

    monkeypatch.setitem(limits.RATES, "example", ("2 per minute", "4 per minute"))
    ann = program("ann")
    for caller, allowed in ((ann, 2), (anybody, 2)):
        asked = [caller.call("POST", "/search/like", {"text": ABSTRACT}) for _ in range(allowed + 1)]
        assert [answer.status_code for answer in asked] == [200] * allowed + [429]
        assert int(asked[-1]["Retry-After"]) > 0
