"""The database: what is committed stays."""

from django.db import connections


def test_a_commit_is_on_the_disk_before_anybody_hears_of_it(library_on_sqlite):
    with connections[library_on_sqlite.alias].cursor() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
