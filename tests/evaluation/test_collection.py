"""Collections as others lay them out: gzipped or not, with titles or not, by number or by name; damage is named."""

import gzip
import json

import pytest
from tiny import JUDGEMENTS, PAPERS, write_lines

from broadsheet.evaluation import Collection, EvaluationError
from broadsheet.sources import SourceError


def test_a_folder_is_read_with_its_judged_queries_only(make_folder):
    collection = Collection.read(make_folder())
    assert collection.name == "tiny"
    assert [paper.id for paper in collection.papers] == ["p1", "p2", "p3", "p4"]
    assert [(question.id, dict(question.judged)) for question in collection.questions] == [
        ("q1", {"p4": 2, "p1": 1}),
        ("q2", {"p3": 1}),
    ]
    assert collection.oddities == ()


def test_test_judgements_come_before_all_others_unless_a_file_is_named(make_folder):
    folder = make_folder()
    (folder / "qrels_test.tsv").write_text("q2\tp3\t1\n")
    assert [question.id for question in Collection.read(folder).questions] == ["q2"]
    assert [question.id for question in Collection.read(folder, "qrels.tsv").questions] == ["q1", "q2"]


@pytest.mark.parametrize("name", ["docs.jsonl.gz", "docs.jsonl", "corpus.jsonl", "corpus.jsonl.gz"])
@pytest.mark.parametrize("is_packed", [True, False])
def test_gzip_is_seen_by_its_bytes_whatever_the_name(make_folder, name, is_packed):
    folder = make_folder()
    content = (folder / "docs.jsonl").read_bytes()
    (folder / "docs.jsonl").unlink()
    (folder / name).write_bytes(gzip.compress(content) if is_packed else content)
    assert len(Collection.read(folder).papers) == 4


def test_a_file_that_holds_a_path_stands_for_the_file_there(make_folder):
    folder, other = make_folder(), make_folder("other", papers=PAPERS[:3])
    (other / "docs.jsonl").rename(other / "all.jsonl")
    (other / "docs.jsonl").write_text("all.jsonl")
    (folder / "docs.jsonl").rename(folder / "docs.jsonl.gz")
    (folder / "docs.jsonl.gz").write_text("../other/docs.jsonl\n")
    assert len(Collection.read(folder).papers) == 3
    (other / "docs.jsonl").write_text("docs.jsonl")
    with pytest.raises(EvaluationError, match="without an end"):
        Collection.read(folder)
    (other / "docs.jsonl").write_text("nowhere.jsonl")
    with pytest.raises(EvaluationError, match=r"'nowhere\.jsonl', and there is no such file"):
        Collection.read(folder)


def test_what_is_no_path_is_read_as_what_it_is(make_folder):
    folder = make_folder(judgements="q1 p4 1")
    assert [question.id for question in Collection.read(folder).questions] == ["q1"]
    for noise in (b"\0\1\2", b"\xff\xfe{", b"x" * 3_000, b"x" * 9_000):
        (folder / "docs.jsonl").write_bytes(noise)
        with pytest.raises(EvaluationError, match=r"docs\.jsonl (line 1: the line is not|stands for 'xxx)"):
            Collection.read(folder)


def test_the_layout_of_beir_is_understood(tmp_path):
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    write_lines(folder / "corpus.jsonl", [{"_id": 7, "title": "A", "text": "B"}])
    write_lines(folder / "queries.jsonl", [{"_id": 1, "text": "A?", "metadata": {}}])
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\t7\t1\n")
    collection = Collection.read(folder)
    assert [(paper.id, paper.title, paper.abstract) for paper in collection.papers] == [("7", "A", "B")]
    assert collection.questions[0].judged == {"7": 1}


@pytest.mark.parametrize(
    "text",
    [
        JUDGEMENTS,
        JUDGEMENTS.split("\n", 1)[1],
        "\ufeff" + JUDGEMENTS.replace("\n", "\r\n"),
        "q1 0 p4 2\nq1 0 p1 1\nq2 Q0 p3 1",
        "q1 p4 2.0\n\nq1 p1 1\nq2 p3 1\n",
        "query_id doc_id\nq1 p4\nq1 p1\nq2 p3",
    ],
)
def test_judgements_are_read_with_titles_or_without_in_two_three_or_four_columns(make_folder, text):
    questions = Collection.read(make_folder(judgements=text)).questions
    assert [(question.id, sorted(question.judged)) for question in questions] == [("q1", ["p1", "p4"]), ("q2", ["p3"])]


def test_what_is_odd_is_counted_and_does_not_stop_the_run(make_folder):
    papers = [*PAPERS, {"id": "p1", "title": "Again"}]
    judgements = JUDGEMENTS + "q1\tgone\t1\nq9\tp1\t1\nq9\tp2\t1\nq3\tp1\t0\n"
    collection = Collection.read(make_folder(papers=papers, judgements=judgements))
    assert collection.oddities == (
        "2 judgements of a query that is not there, left out",
        "1 judgement of a paper that is not there, which counts as not found",
        "1 judged query without a relevant paper, left out",
        "1 paper with the id of one before, left out",
    )
    assert collection.questions[0].judged["gone"] == 1
    assert collection.papers[0].title == "Paging with succinct predictions"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("docs.jsonl", '{"id": "a"}\n{"id": ', r"docs\.jsonl line 2: the line is not JSON"),
        ("docs.jsonl", '{"id": "a"}\n\n{"title": "b"}', r"docs\.jsonl line 3: there is no id"),
        ("docs.jsonl", '{"id": true}', r"docs\.jsonl line 1: there is no id"),
        ("docs.jsonl", "", "has no paper"),
        ("queries.jsonl", "[]", r"queries\.jsonl line 1: the line is JSON but not an object"),
        ("queries.jsonl", '{"id": "other", "text": "x"}', "has no query with a relevant paper"),
        ("qrels.tsv", "q1\tp1\t1\nq1\tp1\tmuch\n", r"qrels\.tsv line 2: a judgement is a query, a paper and a number"),
        ("qrels.tsv", "q1\tp1\t1\nq1\n", r"qrels\.tsv line 2"),
        ("qrels.tsv", "q1\tp1\tnan\nq1\tp1\tinf\n", r"qrels\.tsv line 2"),
        ("qrels.tsv", "", r"has no query with a relevant paper in qrels\.tsv"),
    ],
)
def test_damage_is_named_with_file_and_line(make_folder, name, text, says):
    folder = make_folder()
    (folder / name).write_text(text)
    with pytest.raises(EvaluationError, match=says):
        Collection.read(folder)


@pytest.mark.parametrize("name", ["docs.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(make_folder, name):
    folder = make_folder()
    (folder / name).unlink()
    with pytest.raises(EvaluationError, match=rf"tiny has no .*{name.replace('.', '[.]')}"):
        Collection.read(folder)
    with pytest.raises(EvaluationError, match="is not a folder"):
        Collection.read(folder / "nothing")


def test_gzip_that_is_cut_off_is_refused(make_folder):
    folder = make_folder()
    whole = gzip.compress((folder / "docs.jsonl").read_bytes())
    (folder / "docs.jsonl").write_bytes(whole[:-20])
    with pytest.raises(SourceError, match="cannot be inflated"):
        Collection.read(folder)


def test_texts_that_are_missing_or_broken_are_empty_or_mended(make_folder):
    papers = [{"id": "p1", "title": None, "abstract": 5}, {"id": "p3", "title": "half \ud83d"}]
    collection = Collection.read(make_folder(papers=papers))
    assert [(paper.title, paper.abstract) for paper in collection.papers] == [("", ""), ("half ?", "")]


def test_fewer_questions_are_always_the_same_ones_in_their_order(make_folder):
    queries = [{"id": f"q{number}", "text": "paging"} for number in range(50)]
    judgements = "".join(f"q{number}\tp1\t1\n" for number in range(50))
    collection = Collection.read(make_folder(queries=queries, judgements=judgements))
    first, again = (collection.limited(10).questions for _ in range(2))
    assert first == again
    assert list(first) == [question for question in collection.questions if question in first]
    assert len(collection.limited(99).questions) == 50
    assert json.dumps([question.id for question in first]) != json.dumps([f"q{number}" for number in range(10)])
