"""Collections: clip, order, annotate, share, export."""

from typing import Any

urlpatterns: list[Any] = []
