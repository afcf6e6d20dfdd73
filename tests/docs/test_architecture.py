"""ARCHITECTURE.md is a map of the rooms as they are; only the config room reads the environment."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest


def test_every_room_has_a_heading_that_asks_its_question_and_every_heading_a_room(root):
    text = (root / "ARCHITECTURE.md").read_text()
    headings = re.findall(r"^#+ `?([a-z_]+)/`? — .+\?$", text, re.M)
    rooms = sorted(path.parent.name for path in (root / "src" / "broadsheet").glob("*/__init__.py"))
    assert sorted(headings) == rooms


def environment_readings(tree: ast.AST) -> Iterator[int]:
    """The lines that read the environment; setting a variable, or naming Django's settings, is not reading."""
    harmless = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=place, ctx=ast.Store() | ast.Del()):
                harmless.add(place)
            case ast.Call(
                func=ast.Attribute(value=place, attr="setdefault"), args=[ast.Constant("DJANGO_SETTINGS_MODULE"), _]
            ):
                harmless.add(place)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name("os"), attr="environ" | "environb" | "getenv" | "getenvb"):
                if node not in harmless:
                    yield node.lineno
            case ast.ImportFrom(module="os", names=names):
                if {name.name for name in names} & {"environ", "environb", "getenv", "getenvb"}:
                    yield node.lineno


def test_no_module_but_config_reads_the_environment(root):
    source = root / "src" / "broadsheet"
    modules = [path for path in source.rglob("*.py") if path.relative_to(source).parts[0] != "config"]
    readings = {
        f"{path.relative_to(root)}:{line}"
        for path in modules
        for line in environment_readings(ast.parse(path.read_text()))
    }
    assert readings == set()


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import os\nos.environ.get('A')", [2]),
        ("import os\nos.environ['A']", [2]),
        ("import os\nos.getenv('A')", [2]),
        ("import os\nf(env={**os.environ})", [2]),
        ("from os import environ", [1]),
        ("import os\nos.environ['A'] = 'b'", []),
        ("import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')", []),
    ],
)
def test_a_reading_is_noticed(code, lines):
    assert list(environment_readings(ast.parse(code))) == lines


def test_files_stay_small_enough_to_read(root):
    lengths = {path.relative_to(root): len(path.read_text().splitlines()) for path in Path(root, "src").rglob("*.py")}
    written = {str(path): length for path, length in lengths.items() if "migrations" not in path.parts}
    assert {path: length for path, length in written.items() if length > 400} == {}
