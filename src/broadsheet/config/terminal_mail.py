"""Mail of a site without a mail server: a few lines in the terminal, so that its owner can read the code."""

from textwrap import indent

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend as ConsoleBackend


class EmailBackend(ConsoleBackend):
    """Prints to whom a mail would go, its subject and its text."""

    def write_message(self, message: EmailMessage) -> None:
        """Print one mail."""
        self.stream.write(f"Mail to {', '.join(message.recipients())}: {message.subject}\n")
        self.stream.write(indent(str(message.body).strip(), "  ") + "\n")
