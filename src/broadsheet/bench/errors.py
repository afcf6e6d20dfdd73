"""The errors of the bench."""


class BenchError(Exception):
    """A measurement that cannot be made; the message says why."""
