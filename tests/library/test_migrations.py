"""The tables are what the models say, and a library of an earlier Broadsheet comes along."""

from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def test_no_model_waits_for_a_migration(library_on_sqlite):
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert "No changes" in said.getvalue()


def test_papers_of_an_earlier_broadsheet_get_their_trending_number_and_their_code_is_due(site_library, record):
    site_library.put(
        [record("Linked", "2611.00001", links=["https://github.com/ann/paging"]), record("Bare", "2611.00002")]
    )
    before = list(papers())
    executor = MigrationExecutor(connection)
    executor.migrate([("community", None), ("library", "0001_journal_and_papers")])
    call_command("migrate", verbosity=0, interactive=False)
    after = list(papers())
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert [bool(due) for _, _, due in after] == [True, False]


def papers():
    from broadsheet.library.models import Paper

    return Paper.objects.order_by("pk").values_list("key", "trending", "stars_due_at")
