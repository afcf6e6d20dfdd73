"""Outboxes that stand for a server where its answers are the matter."""


class Out:
    """An outbox in memory that fails as a test says, and keeps what it took."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.taken: list = []

    def hand_over(self, mail) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(mail)

    def close(self) -> None:
        pass
