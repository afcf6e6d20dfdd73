"""The `url` tag of all templates: Django's own, which remembers the addresses that are always the same.

Every page has a dozen of them, and finding one takes longer than writing it.
"""

from django.template import Context, Library
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape

from broadsheet.web.addresses import fixed_address

register = Library()


class _Known(URLNode):
    """An address that depends on nothing."""

    def render(self, context: Context) -> str:
        """The address, or its name in the context; of one that is not there Django says what there is to say."""
        try:
            address = fixed_address(self.view_name.resolve(context), *[arg.resolve(context) for arg in self.args])
        except NoReverseMatch:
            return super().render(context)
        if self.asvar:
            context[self.asvar] = address
            return ""
        return conditional_escape(address) if context.autoescape else address


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    """As Django's."""
    node = django_url(parser, token)
    if node.kwargs or not all(isinstance(each.var, str) and not each.filters for each in (node.view_name, *node.args)):
        return node
    return _Known(node.view_name, node.args, node.kwargs, node.asvar)
