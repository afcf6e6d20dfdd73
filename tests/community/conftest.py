"""A paper of the site and its discussion, at the library's time."""

from collections.abc import Callable

import pytest


@pytest.fixture
def paper(site_library, record) -> "Paper":  # noqa: F821
    from broadsheet.library.models import Paper

    site_library.put([record("Paging with predictions", "2611.00001")])
    return Paper.objects.get()


@pytest.fixture
def write(site_library, paper) -> Callable[..., "Comment"]:  # noqa: F821
    """Write a comment a minute after the one before: write(ann, "words"), write(bo, "reply", parent)."""
    from broadsheet.community import comments

    def write_comment(reader, text, parent=None) -> "Comment":  # noqa: F821
        site_library.clock.forward(minutes=1)
        parent_id = parent.pk if parent else None
        return comments.write(reader, paper.pk, text, site_library.clock(), parent_id)

    return write_comment


@pytest.fixture
def edit(site_library) -> Callable[..., "Comment"]:  # noqa: F821
    """Give a comment another text: edit(ann, comment, "other words")."""
    from broadsheet.community import comments

    return lambda reader, comment, text: comments.edit(reader, comment.pk, text, site_library.clock())


@pytest.fixture
def delete(site_library) -> Callable[..., "Comment"]:  # noqa: F821
    """Delete a comment: delete(ann, comment)."""
    from broadsheet.community import comments

    return lambda reader, comment: comments.delete(reader, comment.pk, site_library.clock())
