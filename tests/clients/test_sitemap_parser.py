"""The real ultimate-sitemap-parser, a program apart, finds every paper through robots.txt and the sitemaps."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parents[1] / "journeys")]
from homes import put_titles
from sites import serving

CLIENT = Path(__file__).parents[2] / "build" / "clients" / "usp-1.8"
READ = """
import json, sys
from usp.tree import sitemap_tree_for_homepage
tree = sitemap_tree_for_homepage(sys.argv[1])
print(json.dumps([[page.url, page.last_modified is not None] for page in tree.all_pages()]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, furnish):
    home = furnish(tmp_path_factory.mktemp("home"))
    put_titles(home, 1, *(f"Paging, part {number}" for number in range(30)))
    with serving(home) as address:
        yield address


def test_it_finds_every_paper_with_the_time_of_its_change(site):
    assert CLIENT.is_dir(), f"make test installs {CLIENT}"
    environment = os.environ | {"PYTHONPATH": str(CLIENT)}
    command = [sys.executable, "-c", READ, f"{site}/"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    pages = dict(json.loads(told.stdout))
    papers = {address: is_dated for address, is_dated in pages.items() if "/papers/" in address}
    assert len(papers) == 30
    assert all(papers.values())
    assert f"{site}/trending" in pages
