"""Themes: texts that point the same ways are told apart, always in the same way."""

import numpy as np

from broadsheet.ranking.themes import MOST, find_themes


def pointing(ways: list[int], noise: float = 0.05) -> np.ndarray:
    chance = np.random.default_rng(7)
    rows = np.eye(16, dtype=np.float32)[ways] + chance.normal(size=(len(ways), 16)).astype(np.float32) * noise
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_texts_of_two_kinds_are_two_themes_the_larger_first():
    ways = [0, 3] * 10 + [0] * 5
    first, second = find_themes(pointing(ways), 2)
    assert sorted(first.rows) == [row for row, way in enumerate(ways) if way == 0]
    assert sorted(second.rows) == [row for row, way in enumerate(ways) if way == 3]
    assert np.argmax(first.centre) == 0
    assert abs(float(np.linalg.norm(second.centre)) - 1) < 1e-5


def test_every_text_is_in_one_theme_and_there_are_few():
    found = find_themes(pointing([way for way in range(16) for _ in range(20)]))
    assert len(found) <= MOST
    assert sorted(row for theme in found for row in theme.rows) == list(range(320))


def test_equal_texts_zeros_and_nothing_are_no_trouble():
    assert find_themes(np.zeros((0, 0), np.float32)) == []
    assert find_themes(np.zeros((3, 4), np.float32)) == []
    vectors = pointing([1] * 30, noise=0)
    vectors[4] = 0
    [*themes] = find_themes(vectors)
    assert sorted(row for theme in themes for row in theme.rows) == [row for row in range(30) if row != 4]


def test_the_same_texts_give_the_same_themes():
    vectors = pointing([0, 1, 2, 3, 4, 5] * 12, noise=0.3)
    assert [theme.rows for theme in find_themes(vectors)] == [theme.rows for theme in find_themes(vectors.copy())]
