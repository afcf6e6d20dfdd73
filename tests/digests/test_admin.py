"""The administration pages of digests: what lifts a suppression, and that nothing secret is shown."""

import pytest
from django.test import Client

from broadsheet.community.models import Act
from broadsheet.digests import suppressing
from broadsheet.digests.models import Alert, Suppression


@pytest.fixture
def admin(site_library, reader):
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(reader("root1", role="admin"))
    return browser


def test_an_admin_finds_an_address_by_its_digest_and_lifts_it_with_a_line_in_the_log(admin, clock):
    for name in ("ann", "bo"):
        suppressing.suppress(f"{name}@example.org", "bounce", "550", clock())
    row = Suppression.objects.get(digest=suppressing.digests_of("ann@example.org")[0])
    found = admin.get("/admin/digests/suppression/", {"q": "ANN@example.org"}).content.decode()
    assert (row.digest[:12] in found, found.count("action-select"), "ann@example.org" in found) == (True, 0, False)
    assert Suppression.objects.exclude(pk=row.pk).get().digest[:12] not in found
    assert admin.post(f"/admin/digests/suppression/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not suppressing.is_suppressed("ann@example.org")
    assert suppressing.is_suppressed("bo@example.org")
    assert Act.objects.get().verb == "lift suppression"


def test_keys_and_secrets_are_not_shown(admin, subscriber, clock, reader):
    row = subscriber("ann@example.org", key="k" * 22)
    alert = Alert.objects.create(
        reader=reader("bo"), key="q" * 22, secret="s" * 43, query="graphs", since=0, created_at=clock()
    )
    for path, secrets in (
        (f"/admin/digests/subscriber/{row.pk}/change/", (row.key,)),
        (f"/admin/digests/alert/{alert.pk}/change/", (alert.key, alert.secret)),
    ):
        page = admin.get(path)
        assert page.status_code == 200
        assert not any(secret in page.content.decode() for secret in secrets)
