"""The errors of this room."""


class EvaluationError(Exception):
    """A quality that cannot be measured; the message says why, and where."""
