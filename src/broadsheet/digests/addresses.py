"""Addresses of subscribers: one form for each, and none that a mail program could read as something else."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode

from broadsheet.digests.errors import DigestError

LIMIT = 254
_LOCAL_LIMIT = 64
_LEFT = "left.invalid"
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+", re.ASCII)
_is_valid = EmailValidator(allowlist=[])


def read_address(text: str) -> str:
    """An address in small letters, its domain as mail servers write it. Raises DigestError, which says what is wrong.

    >>> read_address(" Ann.Lee@Bücher.example ")
    'ann.lee@xn--bcher-kva.example'
    """
    address = text.strip(" ")
    if len(address) > LIMIT:
        raise DigestError(f"An address has at most {LIMIT} characters")
    if any(unicodedata.category(char)[0] in "CZ" or char in ',;<>"' for char in address):
        raise DigestError("Write one address alone, such as ann@example.org, without spaces, commas or quotes")
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise DigestError("What stands before the @ has to be plain letters: mail to others is not carried everywhere")
    local = local.lower()
    try:
        domain = punycode(domain.lower())
        _is_valid(f"{local}@{domain}")
    except (ValidationError, UnicodeError) as error:
        raise DigestError("This is not an address that mail can reach") from error
    if not _LOCAL.fullmatch(local) or "=?" in local or len(local) > _LOCAL_LIMIT or domain.startswith("["):
        raise DigestError("This is not an address that mail can reach")
    if len(f"{local}@{domain}") > LIMIT:
        raise DigestError(f"An address has at most {LIMIT} characters")
    return f"{local}@{domain}"


def mailbox(address: str) -> str:
    """The mailbox behind an address: what follows a plus only sorts its mail.

    >>> mailbox("ann+papers@example.org")
    'ann@example.org'
    """
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def domain_of(address: str) -> str:
    """What stands after the @."""
    return address.rpartition("@")[2]


def nobody(key: str) -> str:
    """What stands in place of the address of a subscriber who left; no mail reaches it (RFC 2606)."""
    return f"{key}@{_LEFT}"


def is_nobody(address: str) -> bool:
    """Whether an address is such a stand-in."""
    return domain_of(address) == _LEFT
