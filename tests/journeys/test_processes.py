"""Many processes, one library: nothing is missed, nothing is there twice, whoever writes and whoever reads."""

import json
import multiprocessing
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from time import sleep

import library_writer
import pytest

READER = textwrap.dedent(
    """
    import json, sys
    from broadsheet.library import Library
    library = Library.open(sys.argv[1], model="none")
    library.search("warm up")
    print("ready", flush=True)
    for line in sys.stdin:
        answer = library.search(line.strip())
        print(json.dumps([hit.title for hit in answer.hits]), flush=True)
    """
)


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "BROADSHEET_HOME": str(tmp_path / "home")}


def test_a_second_process_finds_a_paper_at_its_first_query_after_the_commit(database_url, environment):
    from broadsheet.library import Library
    from broadsheet.papers import Record, Version

    library = Library.open(database_url, model="none")
    with subprocess.Popen(
        [sys.executable, "-c", READER, database_url],
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        assert reader.stdout.readline() == "ready\n"
        for n in range(20):
            library.put([Record("notes", (), Version(f"Unheard w{n}ord of paper {n}"))])
            reader.stdin.write(f"w{n}ord\n")
            reader.stdin.flush()
            assert json.loads(reader.stdout.readline()) == [f"Unheard w{n}ord of paper {n}"]
        reader.stdin.close()
    assert reader.returncode == 0
    library.close()


def test_writers_at_once_neither_lose_nor_repeat_nor_skip(database_url, monkeypatch):
    from broadsheet.library import Library
    from broadsheet.library.models import Change

    library = Library.open(database_url, model="none")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["psycopg", "library_writer"])
    writers = [processes.Process(target=library_writer.write, args=(database_url, n)) for n in range(4)]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    while any(writer.is_alive() for writer in writers):  # a follower that reads while they write
        last = seen[-1] if seen else 0
        seen += Change.objects.using(library.alias).filter(seq__gt=last).order_by("seq").values_list("seq", flat=True)
        sleep(0.01)  # leaves the processors to the writers
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    last = seen[-1] if seen else 0
    seen += Change.objects.using(library.alias).filter(seq__gt=last).order_by("seq").values_list("seq", flat=True)
    assert seen == list(range(1, 501))
    assert library.count() == 500
    assert library.check().problems == []
    library.close()
