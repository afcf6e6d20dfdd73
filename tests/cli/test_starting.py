"""What is loaded before a command is known: little, so that help and mistakes are answered at once."""

import json
import subprocess
import sys

from broadsheet.cli import collecting, keeping
from broadsheet.sources import FORMATS
from broadsheet.sources.export import EXPORTS

HELP = """
import json, sys
from broadsheet.cli import main
main(["--help"], standalone_mode=False)
json.dump(sorted(sys.modules), sys.stderr)
"""


def test_help_loads_neither_django_nor_any_client_of_the_web():
    asked = subprocess.run([sys.executable, "-c", HELP], check=True, capture_output=True, text=True)
    assert "import " in asked.stdout
    assert not {"django", "httpx2", "uvicorn", "onnxruntime", "bibtexparser"} & set(json.loads(asked.stderr))


def test_the_formats_that_help_names_are_those_that_are_read():
    assert tuple(FORMATS) == collecting.FORMATS


def test_the_forms_that_help_names_are_those_that_are_written():
    assert tuple(EXPORTS) == keeping.FORMS
