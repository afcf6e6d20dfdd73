"""How many notifications wait, for the bar above every page of signed-in readers."""

from django import template
from django.template import Context

from broadsheet.community.notifications import unseen_count
from broadsheet.web.doors import reader_of

register = template.Library()


@register.simple_tag(takes_context=True)
def unseen(context: Context) -> int:
    """How many notifications the reader has not seen; nobody else asks the database."""
    request = context["request"]
    return unseen_count(reader_of(request)) if request.user.is_authenticated else 0
