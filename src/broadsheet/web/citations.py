"""A paper in the forms that programs read, and claims to have written it."""

from typing import Any

urlpatterns: list[Any] = []
