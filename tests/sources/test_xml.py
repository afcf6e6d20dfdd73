"""XML from strangers: what is read, and that everything else is a sentence."""

import codecs

import pytest

from broadsheet.sources import SourceError, parse_xml
from broadsheet.sources.xml import MAX_MARKS, child, children, name_of, text_of, texts_of

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<lolz>&d;</lolz>"""
QUADRATIC = b'<!DOCTYPE x [<!ENTITY a "' + b"A" * 50_000 + b'">]><x>' + b"&a;" * 5_000 + b"</x>"
EXTERNAL_FILE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
EXTERNAL_DTD = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/evil.dtd"><x/>'
PARAMETER = b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p">%p;]><x/>'


@pytest.mark.parametrize("bomb", [LAUGHS, QUADRATIC, EXTERNAL_FILE, EXTERNAL_DTD, PARAMETER, b"<!DOCTYPE x><x/>"])
def test_a_document_type_is_refused_whatever_it_holds(bomb):
    with pytest.raises(SourceError, match="document type"):
        parse_xml(bomb, "evil.xml")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_a_document_type_cannot_hide_in_a_wide_encoding(encoding):
    with pytest.raises(SourceError, match="UTF-8"):
        parse_xml(EXTERNAL_FILE.decode().encode(encoding), "evil.xml")


@pytest.mark.parametrize("encoding", ["utf-7", "UTF-16", "iso-8859-1", "cp037", "no-such-thing", "rot13", "idna", ""])
def test_only_utf8_may_be_declared(encoding):
    with pytest.raises(SourceError, match="only UTF-8"):
        parse_xml(f'<?xml version="1.0" encoding="{encoding}"?><x>+ADw-</x>'.encode(), "evil.xml")


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "us-ascii", "utf8"])
def test_the_names_of_utf8_are_read(encoding):
    assert parse_xml(f"<?xml version='1.0' encoding='{encoding}'?><x>\n</x>".encode(), "x").tag == "x"


@pytest.mark.parametrize(
    "payload",
    [
        b"<a>", b"<a></b>", b"text", b"<a>\0</a>", b"<a>\x01</a>", b"<a>&nbsp;</a>", b"<a b=c/>", b"<a/><b/>",
        b"<a>\xff</a>", b"<a>\xed\xa0\x80</a>", b"<a>\xc0\xbc</a>", b"<\xf0\x9f", b"<a xmlns:b=''/>",
        b"<?xml version='9'?>", b"{}",
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_a_sentence_that_names_the_place(payload):
    with pytest.raises(SourceError, match=r"^page 7 .{10}"):
        parse_xml(payload, "page 7")


@pytest.mark.parametrize("payload", [b"", b" \r\n\t", codecs.BOM_UTF8])
def test_nothing_at_all_is_said_to_be_empty(payload):
    with pytest.raises(SourceError, match="empty"):
        parse_xml(payload, "page")


def test_a_payload_over_the_limit_is_refused_before_it_is_parsed():
    with pytest.raises(SourceError, match=r"1,001 bytes of XML, more than 1,000"):
        parse_xml(b"<" * 1_001, "page", limit=1_000)


def test_more_markup_than_any_answer_has_is_refused():
    with pytest.raises(SourceError, match="signs of markup"):
        parse_xml(b"<a>" + b"<b/>" * (MAX_MARKS + 1) + b"</a>", "page")


@pytest.mark.slow
def test_deep_nesting_is_harmless():
    depth = 200_000
    root = parse_xml(b"<a>" * depth + b"deep" + b"</a>" * depth, "page")
    assert "".join(root.itertext()) == "deep"


def test_a_byte_order_mark_and_blank_lines_before_the_declaration_are_forgiven():
    assert parse_xml(codecs.BOM_UTF8 + b"\n\n<?xml version='1.0'?><x/>", "x").tag == "x"


def test_names_are_told_apart_without_their_namespaces():
    root = parse_xml(b"<r xmlns='urn:a' xmlns:b='urn:b'><b:t> one\n two </b:t><t/><t>x<i>y</i></t></r>", "x")
    assert name_of(root) == "r"
    assert len(children(root, "t")) == 3
    assert text_of(root, "t") == "one two"
    assert texts_of(root, "t") == ["one two", "xy"]
    assert child(root, "missing") is None
    assert text_of(root, "missing") == ""
