"""Sessions end when an address or a way to sign in changes; votes begin to count when an address is verified."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.dispatch import receiver
from django.http import HttpRequest

from broadsheet.community import voting
from broadsheet.community.models import Reader


def end_other_sessions(request: HttpRequest, reader: Reader) -> None:
    """Sign a reader out everywhere but in the session that made the change."""
    Reader.objects.filter(pk=reader.pk).update(credentials=F("credentials") + 1)
    reader.refresh_from_db()
    if request.user.is_authenticated and request.user.pk == reader.pk:
        request.user.refresh_from_db()
        update_session_auth_hash(request, request.user)


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def passkeys_changed(request: HttpRequest, user: Reader, **_: Any) -> None:
    end_other_sessions(request, user)


@receiver(email_changed)
def address_changed(request: HttpRequest, user: Reader, from_email_address: EmailAddress | None, **_: Any) -> None:
    if from_email_address is not None:  # a first address is no change
        end_other_sessions(request, user)


@receiver([social_account_added, social_account_removed])
def provider_changed(request: HttpRequest, **_: Any) -> None:
    if request.user.is_authenticated:
        end_other_sessions(request, request.user)


@receiver(email_confirmed)
def address_verified(email_address: EmailAddress, **_: Any) -> None:
    voting.reweigh(email_address.user)
