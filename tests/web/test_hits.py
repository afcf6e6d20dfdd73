"""Hits and addresses are written by short ways that give what Django's own would."""

import pytest
from django.urls import NoReverseMatch, reverse

KEYS = ["2611.00001", "cs/0101001", "a b?c#d&e", "doi:10.1/(x)<y>;z", "Ünï—ço", "100%", "a//b", "'\"", "~@!$*+,=;:"]


@pytest.mark.parametrize("key", KEYS)
def test_the_address_of_a_paper_is_the_one_that_leads_there(key):
    from broadsheet.web.addresses import paper_address

    assert paper_address(key) == reverse("web:paper", args=[key])


def test_what_is_filled_in_is_escaped_unless_it_is_safe():
    from broadsheet.web.prose import fill, joined

    inner = fill("<i>%s</i>", "<b>&\"'")
    assert inner == "<i>&lt;b&gt;&amp;&quot;&#x27;</i>"
    assert fill("<p>%s%s</p>", inner, 3) == f"<p>{inner}3</p>"
    assert joined([inner, "<u>"], ", ") == f"{inner}, &lt;u&gt;"


@pytest.mark.parametrize("template", ["{% url 'web:search' %}", "{% url 'web:search' as there %}[{{ there }}]"])
def test_addresses_in_templates_are_found_each_time(template):
    from django.template import engines

    written = {engines["django"].from_string(template).render({}) for _ in range(2)}
    assert {text.strip("[]") for text in written} == {"/search"}


def test_an_address_that_is_not_there_is_an_error_or_nothing():
    from django.template import engines

    with pytest.raises(NoReverseMatch):
        engines["django"].from_string("{% url 'web:nowhere' %}").render({})
    assert engines["django"].from_string("{% url 'web:nowhere' as there %}[{{ there }}]").render({}) == "[]"


def test_what_was_erased_is_kept_in_no_passage(library, record):
    from broadsheet.search import highlight, snippet

    library.put([record("Paging with predictions", "2611.00001", abstract="Page eviction.")])
    [hit] = library.search("paging").hits
    assert hit.title_segments
    assert hit.snippet
    library.erase("2611.00001")
    assert library.search("paging").hits == ()
    assert highlight.cache_info().currsize == snippet.cache_info().currsize == 0
