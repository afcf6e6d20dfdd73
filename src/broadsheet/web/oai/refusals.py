"""What a harvester is told instead of an answer."""


class Refusal(Exception):
    """A question that is not answered, with one of the protocol's codes. Source: OAI-PMH 2.0, section 3.6."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class NotReady(Exception):
    """An answer that takes some seconds yet, as HTTP says it: 503 with Retry-After."""
