"""Which errors an operation may answer with, for the OpenAPI document; all have the one shape."""

from typing import Any

from ninja import Status

from broadsheet.api.shapes import Problem

__all__ = ["CHANGING", "PUBLIC", "READING", "SENDING", "Status"]

READING = {400: Problem, 401: Problem, 404: Problem, 410: Problem, 422: Problem, 429: Problem}
"""What may be said to a call that reads."""
SENDING = READING | {411: Problem, 413: Problem, 415: Problem}
"""What may be said to a call that reads by what it sends."""
CHANGING = SENDING | {403: Problem}
"""What may be said to a call that changes something."""
PUBLIC: dict[str, Any] = {"security": [{}]}
"""For the OpenAPI document: anybody may call this, not only those who show a token or a session."""
