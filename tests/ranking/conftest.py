"""The replay is a program of its own; the tests of this room use it too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for replay
