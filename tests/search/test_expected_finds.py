"""What a person expects: whoever writes a word in one of its ways finds the papers that write it in another."""

import pytest

from broadsheet.search import Put, highlight, parse, search

BYSTANDER = "Cats sleep in the sun"

QUOTE = '"'

WAYS = [
    ["low-rank", "lowrank", "low rank", "Low\u2013Rank"],
    ["fine-tuning", "finetuned", "fine tuning", "Finetune"],
    ["pre-trained", "pretraining", "pre training"],
    ["multi-modal", "multimodal", "multi modal"],
    ["cross-lingual", "crosslingual"],
    ["semi-supervised", "semisupervised"],
    ["co-reference", "coreference"],
    ["over-fitting", "overfitting"],
    ["non-linear", "nonlinear"],
    ["zero-shot", "zeroshot", "zero shot"],
    ["few-shot", "fewshot"],
    ["time series", "time-series", "timeseries"],
    ["k-NN", "kNN", "knn", "$k$-NN", "k nn"],
    ["t-SNE", "tSNE", "tsne"],
    ["n-grams", "ngram", "n gram"],
    ["3D", "3-D", "3d"],
    ["GPT-4o", "GPT4o", "gpt 4o", "gpt4o"],
    ["Llama 3.1", "Llama-3.1", "llama3.1"],
    ["Qwen2.5", "qwen 2.5"],
    ["ResNet-50", "resnet50"],
    ["COVID-19", "covid19", "COVID 19"],
    ["IL-6", "il6"],
    ["text-to-image", "text2image"],
    [r"$\alpha$", "α", "alpha", r"\alpha", "\U0001d6fc"],
    [r"$\varepsilon$-greedy", "ε-greedy", "epsilon greedy", r"\epsilon-greedy"],
    ["TNF-α", "TNFα", "TNF-alpha", "tnfalpha", r"TNF-$\alpha$"],
    ["NF-κB", "NF-kappaB", "nf kappa b"],
    [r"$\lambda$-calculus", "lambda calculus"],
    [r"$\ell_1$", "L1", "l1"],
    ["1,000", "1000"],
    ["1,234,567", "1234567"],
    ["10%", "10 %", r"10\%", "10"],
    ["colour", "color", "Colours"],
    ["behaviour", "behavior", "behavioural", "behavioral"],
    ["organisation", "organization"],
    ["tokenisation", "tokenization", "tokeniser", "tokenizer"],
    ["optimised", "optimized", "optimising"],
    ["modelling", "modeling"],
    ["labelled", "labeled"],
    ["fuelled", "fueled"],
    ["analyse", "analyze", "analysing", "analyzed"],
    ["centre", "center", "centred"],
    ["fibre", "fiber"],
    ["catalogue", "catalog"],
    ["dialogue", "dialog"],
    ["defence", "defense"],
    ["grey", "gray"],
    ["artefacts", "artifacts"],
    ["haemoglobin", "hemoglobin"],
    ["anaemia", "anemia"],
    ["tumour", "tumor"],
    ["programme", "program"],
    ["naïve", "naive", r"na\"ive"],
    ["Gödel’s", "Godel", r"G\"odel", "Gödel\u02bcs", "G\u00f6del's"],
    ["\ufb01ne", "fine"],
    ["infor\u00admation", "information"],
    ["FreshDiskANN", "freshdiskann", "FRESHDISKANN"],
]
ALONE = [
    ("wise", "wize"),
    ("four", "for"),
    ("prise", "prize"),
    ("source", "sorce"),
    ("submit", "sub"),
    ("prevent", "vent"),
    ("antibody", "body"),
    ("multiple", "ple"),
    ("nonetheless", "etheless"),
    ("resource", "source"),
    ("interview", "view"),
    ("overview", "view"),
    ("word2vec", "word"),
    ("h1n1", "n1"),
    ("μm", "mu"),
    ("organ", "organize"),
]


@pytest.fixture
def found_in(make_index):
    """Put texts in an index, beside one about something else, and tell which of them a query finds."""

    def find(query, *texts):
        index = make_index()
        index.apply([Put(n, n, "", text) for n, text in enumerate((BYSTANDER, *texts), 1)], len(texts) + 1)
        return [hit.paper - 2 for hit in search(index, parse(query)).hits]

    return find


def asked(ways):
    """Those that can be typed as a word: a quote would begin a phrase."""
    return [way for way in ways if QUOTE not in way]


@pytest.mark.parametrize("ways", WAYS, ids=lambda ways: ascii(ways[0]))
def test_whichever_way_a_word_is_written_each_finds_all(found_in, ways):
    for way in asked(ways):
        assert sorted(found_in(way, *ways)) == list(range(len(ways))), way


@pytest.mark.parametrize("ways", WAYS, ids=lambda ways: ascii(ways[0]))
def test_what_was_found_is_marked_whichever_way_it_is_written(ways):
    for way in asked(ways):
        for text in ways:
            assert any(is_match for _, is_match in highlight(f"Of {text} here", parse(way))), (way, text)


@pytest.mark.parametrize(("one", "other"), ALONE)
def test_words_that_only_look_alike_stay_apart(found_in, one, other):
    assert found_in(one, other) == found_in(other, one) == []


@pytest.mark.parametrize("text", ["low-rank adaptation", "low rank adaptation", "lowrank adaptation"])
@pytest.mark.parametrize("query", ['"low-rank adaptation"', '"low rank adaptation"', 'title:"lowrank adaptation"'])
def test_a_phrase_holds_however_its_compound_is_written(make_index, text, query):
    index = make_index()
    index.apply([Put(1, 1, f"On {text} of models", ""), Put(2, 2, "Adaptation of low rank", "")], 2)
    assert [hit.paper for hit in search(index, parse(query)).hits] == [1]
    assert (text, True) in highlight(f"On {text} of models", parse(query))


def test_a_compound_is_excluded_however_it_is_written(found_in):
    assert found_in("adaptation -lowrank", "low-rank adaptation", "adaptation") == [1]


def test_a_paper_gains_the_same_for_a_compound_however_it_is_written(make_index):
    index = make_index()
    texts = [f"{way} updates of caches" for way in ("low-rank", "lowrank", "low rank")]
    index.apply([Put(n, n, "", text) for n, text in enumerate(texts, 1)], 3)
    for query in ("lowrank", "low-rank", "low rank"):
        assert len({hit.score for hit in search(index, parse(query)).hits}) == 1


def test_the_paper_with_both_halves_of_a_name_comes_before_those_with_one(found_in):
    assert found_in("sox2", "Sox9 and cats", "SOX-2 and cats", "2 cats")[0] == 1
