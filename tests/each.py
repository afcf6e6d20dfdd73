"""Many cases of one test on one library: making the library anew for each takes longer than all of them."""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest

Test = Callable[..., None]


def each(names: str, cases: Iterable[Any]) -> Callable[[Test], Test]:
    """Run a test for every case with the same fixtures; it tells of each case that fails.

    As `pytest.mark.parametrize`, for tests that leave what their fixtures made as it was. The marks of pytest stand
    below it.
    """
    given = [name.strip() for name in names.split(",")]

    def wrap(test: Test) -> Test:
        @wraps(test)
        def run(*, subtests: pytest.Subtests, **fixtures: object) -> None:
            for number, case in enumerate(cases):
                values = case if len(given) > 1 else (case,)
                with subtests.test(f"case {number}", **dict(zip(given, map(repr, values), strict=True))):
                    test(**fixtures, **dict(zip(given, values, strict=True)))

        asked = [each for name, each in inspect.signature(test).parameters.items() if name not in given]
        wanted = inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY)
        run.__signature__ = inspect.Signature([*asked, wanted])  # type: ignore[attr-defined]
        return run

    return wrap
