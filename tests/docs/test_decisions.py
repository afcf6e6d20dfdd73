"""Every dependency has its reason on half a page, and its place in the locks."""

import re

import pytest

QUESTIONS = ("What", "Why this", "Licence", "Who keeps it", "What it costs")


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).casefold()


def requirements(project: dict, extras: list[str]) -> list[str]:
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return [name_of(requirement) for names in lists for requirement in names]


def test_every_dependency_has_a_decision(project, root):
    extras = [extra for extra in project["optional-dependencies"] if extra != "dev"]
    pages = "\n".join(path.read_text().casefold() for path in (root / "docs" / "decisions").glob("*.md"))
    named = {name_of(name) for name in re.findall(r"`([\w.-]+)`", pages)}
    assert [name for name in requirements(project, extras) if name not in named] == []


def test_every_decision_answers_the_same_questions_on_half_a_page(root):
    for path in (root / "docs" / "decisions").glob("[!R]*.md"):
        text = path.read_text()
        assert [question for question in QUESTIONS if f"**{question}.**" not in text] == [], path.name
        assert len(text.splitlines()) <= 40, path.name


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_dependency_is_pinned_with_hashes(project, root, lock):
    extras = [extra for extra in project["optional-dependencies"] if extra != "bench"]  # measured as they are today
    if lock == "requirements.lock":  # large, and for few
        extras = [extra for extra in extras if extra not in ("dev", "parquet")]
    text = (root / lock).read_text()
    pinned = {name_of(name) for name in re.findall(r"^([\w.-]+)==", text, re.M)}
    assert [name for name in requirements(project, extras) if name not in pinned] == []
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
