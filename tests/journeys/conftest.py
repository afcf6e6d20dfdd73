"""Journeys share their servers and readers: `from test_pages import serving`, `from readers import sign_in`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
