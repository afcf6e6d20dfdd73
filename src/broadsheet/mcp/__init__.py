"""What can language models ask? Tools and papers over the Model Context Protocol, by HTTP and by standard input.

Importing a module from here needs the extra ``mcp``, except for `is_installed`.
"""

from importlib.util import find_spec


def is_installed() -> bool:
    """Whether the extra ``mcp`` is here."""
    return all(find_spec(name) for name in ("mcp", "mcp_types"))
