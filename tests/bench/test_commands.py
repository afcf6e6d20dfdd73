"""The bench as people and programs run it: real processes, a library, a web server and a mail server of its own."""

import json
import os
import subprocess
import sys

import pytest

from broadsheet.bench.errors import BenchError
from broadsheet.bench.home import DrawnEmbedder, fresh_records, live_in, record
from broadsheet.bench.papers import Paper


@pytest.fixture
def bench(tmp_path):
    """Run a command of the bench in an empty home without an encoder; the finished process is returned."""

    def run(*arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "BROADSHEET_HOME": str(tmp_path / "mine"), "BROADSHEET_MODEL": "none", **options}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "-m", "broadsheet", "bench", *arguments]
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=300)
        assert not (tmp_path / "mine").exists()  # the reader's own library is never touched
        return done

    return run


def answer(done: subprocess.CompletedProcess[str]) -> dict:
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_index_prints_json_with_papers_and_engines_only(bench):
    found = answer(bench("index", "--papers", "50", "--engines", "fts5", "--json"))
    assert set(found) == {"papers", "engines"}
    assert found["papers"] == 50
    assert set(found["engines"]) == {"fts5"}


def test_index_prints_a_table_with_ratios_for_people(bench):
    done = bench("index", "--papers", "50", "--engines", "broadsheet,fts5")
    assert done.returncode == 0, done.stderr
    assert "keyword p50 ms" in done.stdout
    assert "times Broadsheet's" in done.stdout
    assert " ×" in done.stdout
    assert "cores" in done.stderr


def test_an_engine_that_there_is_not_is_wrong_usage(bench):
    done = bench("index", "--engines", "fts5,elastic")
    assert done.returncode == 2
    assert "no engine is called elastic" in done.stderr


def test_a_collection_without_an_encoder_is_one_clear_line(bench, tmp_path):
    done = bench("index", "--collection", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: no sentence encoder is installed")


def test_churn_and_start_print_their_figures_and_what_was_missed(bench):
    churned = answer(bench("churn", "--papers", "60", "--writes-per-s", "10", "--json"))
    assert churned["replaced"] == 18
    assert churned["machine"]["cores"] >= 1
    assert any(line.startswith("inserts_per_s is") for line in churned["missed"])
    started = bench("start", "--papers", "60")
    assert started.returncode == 0, started.stderr
    assert "first answer s" in started.stdout


def test_put_finds_each_paper_in_a_library_of_its_own_whatever_the_options_say(bench, tmp_path, furnish):
    kept = furnish(tmp_path / "kept")
    options = ("put", "--papers", "100", "--writes", "3", "--searches-per-s", "20", "--keep", str(kept), "--json")
    elsewhere = {"BROADSHEET_DATABASE": "postgresql://nobody@127.0.0.1:1/nothing"}
    found = answer(bench(*options, **elsewhere))
    assert (found["papers"], found["writes"], found["by_meaning"]) == (103, 3, False)
    assert found["found_p50_ms"] > 0
    assert answer(bench(*options, **elsewhere))["papers"] == 106  # what was kept is not filled again


def test_web_searches_over_http_and_every_paper_is_found_by_the_next_search(bench, tmp_path, furnish):
    kept = str(furnish(tmp_path / "kept"))
    found = answer(bench("web", "--papers", "50", "--seconds", "1", "--writes-per-s", "5", "--keep", kept, "--json"))
    assert found["papers"] == 51
    assert found["requests_per_s"] > 0
    assert (found["errors"], found["writes_missed"]) == (0, 0)
    assert found["writes_per_s"] > 0
    assert found["found_p50_ms"] > 0
    assert found["cpu_ms_per_request"] > 0


def test_digests_are_handed_over_to_a_mail_server(bench):
    found = answer(bench("digest", "--subscribers", "10", "--json"))
    assert found["fates"] == {"sent": 10}
    assert found["handed_over_per_s"] > 0


def test_a_process_that_has_read_its_options_does_not_move_into_another_home(tmp_path):
    with pytest.raises(BenchError, match="in a library of its own"):
        live_in(tmp_path)


def test_records_have_what_papers_of_sources_have():
    title = "bab baf bag bak bam bap"
    first, later = (record(Paper(number, title, "An abstract.", None)) for number in (7, 50_007))
    assert [str(name) for name in first.identifiers + later.identifiers] == ["arxiv:1501.00007", "arxiv:1502.00007"]
    assert first.version.authors
    assert first.version.topics
    assert first.version.announced


def test_fresh_records_never_repeat_their_words():
    records = fresh_records(1, "x")
    asked = [next(records)[0] for _ in range(1_500)]
    assert len(set(asked)) == 1_500


def test_drawn_vectors_are_the_same_for_the_same_text_and_queries_go_to_the_real_encoder():
    class Real:
        name, dimension = "real", 384

        def embed_query(self, text):
            return f"vector of {text}"

    embedder = DrawnEmbedder(Real(), 1)
    one, again, other = embedder.embed_passages(["one", "one", "other"])
    assert (one.codes == again.codes).all()
    assert (one.codes != other.codes).any()
    assert embedder.embed_query("why") == "vector of why"


def test_an_encoder_of_another_width_is_refused():
    class Wide:
        name, dimension = "wide", 768

    with pytest.raises(BenchError, match="drawn vectors have 384 components, those of wide 768"):
        DrawnEmbedder(Wide(), 1)
