"""What the pages for signing up and in need to know of this site."""

from django import template
from django.conf import settings

from broadsheet.web.accounts_adapter import CLOSED, OPEN

register = template.Library()


@register.simple_tag
def signs_up() -> bool:
    """Whether new readers are taken."""
    return bool(settings.SIGN_UP != CLOSED)


@register.simple_tag
def sign_up_domains() -> tuple[str, ...]:
    """The only mail domains whose readers may sign up, or none."""
    return () if settings.SIGN_UP in (OPEN, CLOSED) else tuple(settings.SIGN_UP)


@register.simple_tag
def mail_is_printed() -> bool:
    """Whether mail goes to the terminal, since no mail server is named."""
    return bool(settings.EMAIL_BACKEND == "broadsheet.config.terminal_mail.EmailBackend")
