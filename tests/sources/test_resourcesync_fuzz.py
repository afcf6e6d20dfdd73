"""Documents, archives and resources of ResourceSync, broken in every way: read, or refused in a sentence, at once."""

import json
import os
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.sources import Fault, Reach, SourceError
from broadsheet.sources.resourcesync_dump import Archive
from broadsheet.sources.resourcesync_lists import Listed, Listing, read_listing
from broadsheet.sources.resourcesync_places import Cursor
from broadsheet.sources.resourcesync_resources import check, check_kind, read_resource
from fuzzing import EDITS, SHAPED, mutate, no_hanging
from fuzzing import check as check_words

pytestmark = pytest.mark.slow
MANY = settings(
    max_examples=int(os.environ.get("FUZZ_CASES", "50")), deadline=None, suppress_health_check=list(HealthCheck)
)
SITE = "http://papers.example.org"
NAMES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:rs="http://www.openarchives.org/rs/terms/"'
LIST = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {NAMES}><rs:ln rel="up" href="{SITE}/caps.xml"/>
<rs:md capability="changelist" from="2026-11-20" until="2026-11-22"/>
<url><loc>{SITE}/1.json</loc><lastmod>2026-11-21T10:00:00Z</lastmod>
<rs:md change="created" datetime="2026-11-21T10:00:00.000001Z"
hash="md5:{"0" * 32} sha-256:{"0" * 64}" length="2"/></url>
<url><loc>{SITE}/2.json</loc>
<rs:md change="deleted" datetime="2026-11-21T11:00:00+01:00" path="/resources/2.json"/></url>
</urlset>""".encode()
INDEX = LIST.replace(b"urlset", b"sitemapindex").replace(b"url>", b"sitemap>")
RESOURCES = {
    ".json": json.dumps(
        {"identifiers": ["arxiv:2611.00001"], "source": "x", "number": 2, "title": "T", "links": [], "version": 3}
    ).encode(),
    ".jsonl": b'{"id": "1", "title": "First", "authors": [{"name": "Ada"}]}\n{"id": "2", "title": "Second"}\n',
    ".bib": b"@article{a, title={Trees}, author={Lee, Ann and others}, year=2020}\n",
    ".ris": b"TY  - JOUR\nTI  - Graphs\nAU  - Lee, Ann\nER  - \n",
    ".xml": b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2611.00001v1</id></entry></feed>',
}


@pytest.mark.parametrize("document", [LIST, INDEX], ids=["list", "index"])
@MANY
@given(edits=EDITS | SHAPED)
def test_a_document_is_read_or_refused(document, edits):
    with no_hanging():
        try:
            listing = read_listing(mutate(document, edits), f"{SITE}/list.xml")
        except SourceError as error:
            assert f"{SITE}/list.xml" in str(error)
            return
        assert isinstance(listing, Listing)
        check_words(listing.faults)
        for row in listing.rows:
            assert row.address.strip()
            assert row.at is None or row.at.tzinfo
            assert row.length is None or row.length >= 0
            try:
                check_kind(row)
                check(row, b"{}")
            except SourceError as error:
                assert str(error)


@pytest.mark.parametrize("ending", RESOURCES)
@MANY
@given(edits=EDITS | SHAPED)
def test_a_resource_is_read_or_refused(ending, edits):
    address = f"{SITE}/resync/one{ending}"
    with no_hanging():
        try:
            found = read_resource(address, mutate(RESOURCES[ending], edits), "papers.example.org")
        except SourceError as error:
            assert str(error)
            return
        assert all(isinstance(fault, Fault) and fault.place.startswith(address) for fault in found.faults)
        check_words([*found.records, *found.faults])
        for record in found.records:
            assert record.source == "papers.example.org"
            assert record.identifiers[-1].value.startswith(address)


def archive(compression: int) -> bytes:
    body = BytesIO()
    with ZipFile(body, "w", compression) as pack:
        pack.writestr("manifest.xml", LIST.replace(b"changelist", b"resourcedump-manifest"))
        pack.writestr("resources/2.json", RESOURCES[".json"])
    return body.getvalue()


@pytest.mark.parametrize("body", [archive(ZIP_STORED), archive(ZIP_DEFLATED)], ids=["stored", "deflated"])
@MANY
@given(edits=EDITS)
def test_an_archive_is_read_or_refused(body, edits):
    with no_hanging():
        try:
            opened = Archive(mutate(body, edits), f"{SITE}/dump.zip")
        except SourceError as error:
            assert f"{SITE}/dump.zip" in str(error)
            return
        for row in opened.manifest.rows:
            assert isinstance(row, Listed)
            try:
                opened.body(row)
            except SourceError as error:
                assert str(error)


@MANY
@given(text=st.text() | st.datetimes().map(datetime.isoformat) | st.from_regex(r"[0-9T:/.Z+-]{1,40}"))
def test_what_is_written_of_a_run_is_read_or_is_none(text):
    reach = Reach.read(text)
    assert reach is None or Reach.read(str(reach)) == reach
    try:
        cursor = Cursor.read(text)
    except SourceError as error:
        assert str(error)
    else:
        assert Cursor.read(str(cursor)) == cursor
