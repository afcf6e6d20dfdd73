"""Lists beside the day: week, month, trending, newest, by topic, by author."""

from typing import Any

urlpatterns: list[Any] = []
