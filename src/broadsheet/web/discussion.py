"""The discussion of a paper: write, reply, edit, delete, report."""

from typing import Any

urlpatterns: list[Any] = []
