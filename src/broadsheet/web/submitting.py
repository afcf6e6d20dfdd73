"""Bringing papers: submit, fetch what is asked for and not here, feature and schedule."""

from typing import Any

urlpatterns: list[Any] = []
