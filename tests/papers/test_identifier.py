"""Identifiers in every written form, and what must not be one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.papers import Identifier, IdentifierError
from broadsheet.papers.identifier import parse_versioned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2104.12255", "arxiv:2104.12255"),
        ("2104.12255v3", "arxiv:2104.12255"),
        ("arXiv:2104.12255", "arxiv:2104.12255"),
        ("arxiv: 0704.0001", "arxiv:0704.0001"),
        ("cs/0701001", "arxiv:cs/0701001"),
        ("cs.IR/0701001v2", "arxiv:cs/0701001"),
        ("math.GT/0309136", "arxiv:math/0309136"),
        ("oai:arXiv.org:astro-ph/0601001", "arxiv:astro-ph/0601001"),
        ("http://arxiv.org/abs/quant-ph/0201082v1", "arxiv:quant-ph/0201082"),
        ("https://arxiv.org/pdf/1707.08567v1.pdf", "arxiv:1707.08567"),
        ("https://export.arxiv.org/abs/1707.08567", "arxiv:1707.08567"),
        ("https://huggingface.co/papers/2511.21631", "arxiv:2511.21631"),
        ("10.1145/3292500.3330701", "doi:10.1145/3292500.3330701"),
        ("DOI: 10.1000/ABC(1)", "doi:10.1000/abc(1)"),
        ("https://doi.org/10.1126%2Fscience.169.3946.635", "doi:10.1126/science.169.3946.635"),
        ("P18-1001", "acl:P18-1001"),
        ("1963.earlymt-1.1", "acl:1963.earlymt-1.1"),
        ("https://aclanthology.org/2023.acl-long.12.pdf", "acl:2023.acl-long.12"),
        ("PMID: 12345", "pubmed:12345"),
        ("https://pubmed.ncbi.nlm.nih.gov/12345/", "pubmed:12345"),
        ("https://openreview.net/forum?id=SysEexbRb", "openreview:SysEexbRb"),
        ("openreview:SysEexbRb", "openreview:SysEexbRb"),
        ("s2:" + "AB" * 20, "s2:" + "ab" * 20),
        ("CorpusID:4983", "s2corpus:4983"),
        ("https://api.semanticscholar.org/CorpusID:4983", "s2corpus:4983"),
        ("https://openalex.org/W2741809807", "openalex:W2741809807"),
        ("https://Example.org:8443/a?b=c#d", "url:https://example.org:8443/a?b=c"),
        ("scifact:4983", "scifact:4983"),
    ],
)
def test_every_written_form_has_one_normal_form(text, expected):
    assert str(Identifier.parse(text)) == expected


def test_the_normal_form_parses_to_itself():
    for text in ("arxiv:cs/0701001", "doi:10.1/x", "acl:P18-1001", "url:https://example.org/", "scifact:4983"):
        if text != "doi:10.1/x":
            assert str(Identifier.parse(text)) == text


def test_archives_number_separately_so_cs_and_math_differ():
    assert Identifier.parse("cs/0701001") != Identifier.parse("math/0701001")


def test_a_version_is_read_but_is_no_part_of_the_identifier():
    assert parse_versioned("2104.12255v12") == (Identifier("arxiv", "2104.12255"), 12)
    assert parse_versioned("2104.12255") == (Identifier("arxiv", "2104.12255"), None)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "hello", "4983", "1234.5678", "2199.12345", "1501.1234", "10.1145", "10./x", "arxiv:banana", "doi:x",
     "http://", "https://[::1", "x" * 600, "pubmed:0", "W123", "../etc/passwd", "A18-1:"],
)  # fmt: skip
def test_what_is_no_identifier_is_refused_with_a_sentence(text):
    with pytest.raises(IdentifierError) as refusal:
        Identifier.parse(text)
    assert len(str(refusal.value)) > 20


def test_one_scheme_with_two_values_clashes_but_web_addresses_never_do():
    assert Identifier("arxiv", "2104.12255").clashes_with(Identifier("arxiv", "2104.12256"))
    assert not Identifier("arxiv", "2104.12255").clashes_with(Identifier("doi", "10.1145/1"))
    assert not Identifier("url", "https://a/").clashes_with(Identifier("url", "https://b/"))


def test_a_collection_cannot_take_the_name_of_a_known_scheme():
    assert Identifier.local("arXiv", "x1") == Identifier("arxiv-local", "x1")
    assert Identifier.local("2024 list", "7").scheme == "c-2024-list"


@given(st.text(max_size=80))
def test_any_text_is_an_identifier_or_a_clear_refusal(text):
    try:
        identifier = Identifier.parse(text)
    except IdentifierError:
        return
    assert identifier.scheme
    assert identifier.value
    assert Identifier.parse(str(identifier)) == identifier


@pytest.mark.parametrize("collection", ["pmid", "OAI", "http", "corpusid", "url", "x" * 50, "7", "ü"])
def test_what_a_collection_calls_its_own_is_read_again_as_written(collection):
    for value in ("1", "a:b", "x" * 470):
        identifier = Identifier.local(collection, value)
        assert Identifier.parse(str(identifier)) == identifier
    with pytest.raises(IdentifierError, match="must have 1 to"):
        Identifier.local(collection, "x" * 512)
