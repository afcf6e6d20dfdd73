"""The moderators' queue and what they do from it."""

from typing import Any

urlpatterns: list[Any] = []
