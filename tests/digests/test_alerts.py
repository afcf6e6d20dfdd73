"""Alerts as rows: how many a reader may have, where each begins, what is checked of a web address."""

import pytest

from broadsheet.community.errors import CommunityError
from broadsheet.digests import alerts
from broadsheet.digests.alerts import BadHook, check_hook
from broadsheet.digests.models import Alert
from broadsheet.library import journal


def test_readers_who_save_at_once_have_the_most_and_no_more(site_library, reader, clock, in_parallel, monkeypatch):
    monkeypatch.setattr(alerts, "LIMIT", 3)
    ann, refused = reader("ann"), []

    def save(n: int) -> None:
        try:
            alerts.make(ann, f"caching {n}", "feed", "", clock())
        except CommunityError as error:
            refused.append(str(error))

    in_parallel([lambda n=n: save(n) for n in range(8)])
    assert (Alert.objects.count(), len(refused)) == (3, 5)


def test_the_same_search_saved_at_once_is_saved_once(site_library, reader, clock, in_parallel):
    ann, refused = reader("ann"), []

    def save() -> None:
        try:
            alerts.make(ann, "caching", "feed", "", clock())
        except CommunityError as error:
            refused.append(str(error))

    in_parallel([save] * 6)
    assert (Alert.objects.count(), set(refused)) == (1, {"You have this alert already"})


def test_an_alert_begins_at_the_head_of_the_journal(alert, site_library, record):
    site_library.put([record("Caching", "2611.00001")])
    assert alert("caching").since == journal.head("default")


def test_each_alert_has_a_key_and_a_secret_of_its_own(alert):
    made = [alert(f"caching {n}", means="webhook") for n in range(20)]
    assert len({one.key for one in made}) == len({one.secret for one in made}) == 20
    assert {len(one.key) for one in made} == {22}


def test_a_web_address_inside_is_refused_unless_the_operator_exempts_it(monkeypatch):
    from django.conf import settings

    with pytest.raises(BadHook):
        check_hook("http://127.0.0.1:8000/in")
    monkeypatch.setattr(settings, "FETCH_ALLOW", ("127.0.0.1:8000",))
    with pytest.raises(BadHook):  # what harvests may reach is not open to readers
        check_hook("http://127.0.0.1:8000/in")
    monkeypatch.setattr(settings, "HOOK_ALLOW", ("127.0.0.1:8000",))
    assert check_hook(" http://127.0.0.1:8000/in ") == "http://127.0.0.1:8000/in"
    with pytest.raises(BadHook):
        check_hook("http://127.0.0.1:8001/in")
    assert check_hook("https://hooks.example/in") == "https://hooks.example/in"
