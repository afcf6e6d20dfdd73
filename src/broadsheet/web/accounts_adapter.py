"""The site's say in how readers sign up and in; allauth does the rest."""

from time import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from broadsheet.community import accounts
from broadsheet.community.models import Reader
from broadsheet.web.doors import now

OPEN, CLOSED = ("open",), ("closed",)
_NAME = "Broadsheet"


def is_welcome(email: str) -> bool:
    """Whether someone with this address may sign up here."""
    domains = settings.SIGN_UP
    return domains == OPEN or (domains != CLOSED and email.rpartition("@")[2].casefold() in domains)


def is_recent(request: HttpRequest) -> bool:
    """Whether the reader signed in, or showed again who they are, within the last minutes."""
    records = get_authentication_records(request, request.user)
    return any(time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT for record in records)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """How readers sign up and in: by code or passkey, under a handle that says nothing, once a session."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": "This is not the code that was sent.",
        "too_many_login_attempts": "That was a lot of tries. Wait some minutes, then ask for a new code.",
        "duplicate_email": "This is your address already.",
        "email_taken": "Another account has this address.",
        "rate_limited": "That was a lot of requests. Wait a minute, then ask again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether anybody may sign up; whose addresses is another question."""
        return settings.SIGN_UP != CLOSED

    def clean_email(self, email: str) -> str:
        """Refuse addresses that do not fit, and those of other domains than may sign up."""
        if len(email) > EmailAddress._meta.get_field("email").max_length:
            raise ValidationError("This address is too long.")
        if settings.SIGN_UP in (OPEN, CLOSED) or is_welcome(email):
            return email
        domains = " or ".join(f"@{domain}" for domain in settings.SIGN_UP)
        raise ValidationError(f"This site is for readers with an address {domains}.")

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        """A handle that shows neither name nor address."""
        return accounts.new_handle()

    def save_user(self, request: HttpRequest, user: Reader, form: Any, commit: bool = True) -> Reader:
        """Make a reader, and clear away those who began a day ago and never signed in."""
        accounts.forget_unverified(now())
        saved: Reader = super().save_user(request, user, form, commit)
        return saved

    def get_login_stages(self) -> list[str]:
        """A passkey is a way in beside the code, not a second lock: losing one locks nobody out."""
        return [stage for stage in super().get_login_stages() if stage != "allauth.mfa.stages.AuthenticateStage"]

    def login(self, request: HttpRequest, user: Reader) -> None:
        """Sign a reader in and use the session up in which that began, so that no code or passkey answer works twice.

        Of requests that bring the same answer at once, one removes the row and the others find it gone.
        """
        began_in = request.session.session_key
        if began_in and not Session.objects.filter(session_key=began_in).delete()[0]:
            request.session.modified = False  # there is no row to write to
            messages.error(request, "This code was used already. Ask for a new one.")
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        super().login(request, user)
        if not get_authentication_records(request, user):
            record_authentication(request, user, method="code")

    def post_login(self, request: HttpRequest, user: Reader, *, signup: bool, **more: Any) -> HttpResponse:
        """Lead the reader on; a new one is told under which handle they are here."""
        if signup:
            messages.success(request, f"You are {user} here. Choose a handle and a name in your settings.")
        response: HttpResponse = super().post_login(request, user, signup=signup, **more)
        return response

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """Ask again who it is after some minutes, also of readers without a passkey: they get a code by mail."""
        if not is_recent(context.request):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """A passkey where there is one, and always a code by mail."""
        if not user.is_authenticated:
            return []
        code = {"id": "reauthenticate", "description": "Use a code by mail", "url": reverse("account_reauthenticate")}
        if not Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists():
            return [code]
        url = reverse("mfa_reauthenticate_webauthn")
        return [{"id": "mfa_reauthenticate:webauthn", "description": "Use a passkey", "url": url}, code]

    def render_mail(
        self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """A mail whose links lead to the site's own address, whatever host the request named."""
        message: EmailMessage = super().render_mail(template_prefix, email, context | {"site": settings.SITE}, headers)
        return message


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What comes from an OpenID Connect provider: an address, and whether it is verified; no handle and no name."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": "An account here has this address. Sign in to it, then connect your %s account.",
    }

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Believe that an address is verified only where the provider says so in so many words."""
        for address in sociallogin.email_addresses:
            address.verified = address.verified is True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Reader:
        """Take the address alone; handle and name are the reader's to choose."""
        reader: Reader = super().populate_user(request, sociallogin, {"email": data.get("email")})
        return reader


class PasskeyAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What a device shows of a passkey, and what is said when one does not fit."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This passkey does not belong to an account here, or the page was too old. Try again.",
        "unverified_email": "Confirm your e-mail address first, then add a passkey.",
    }

    def generate_authenticator_name(self, user: Reader, type: str) -> str:
        """A name to begin with."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def _get_site_name(self) -> str:
        return _NAME
