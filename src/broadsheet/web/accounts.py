"""A reader's own pages: profile and mail, everything as one file, and the way out."""

import logging
from http import HTTPStatus
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings as site_settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.generic import RedirectView
from requests import RequestException

from broadsheet.community import accounts, limits
from broadsheet.community.errors import LimitReached
from broadsheet.community.export import export
from broadsheet.community.models import Reader
from broadsheet.web import profile
from broadsheet.web.accounts_forms import LeaveForm, ProfileForm
from broadsheet.web.accounts_reauthentication import ReauthenticateView
from broadsheet.web.doors import act, address_of, now, reader_of, refuse

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """The reader's profile as a form, and what else can be done about the account."""
    reader = Reader.objects.get(pk=reader_of(request).pk)  # the form writes into it before it is known to be right
    form = ProfileForm(request.POST or None, instance=reader)
    if request.method == "POST":
        try:
            limits.spend("profile", reader.pk, address_of(request))
        except LimitReached as error:
            return refuse(request, error)
        if form.is_valid():
            form.save()
            messages.success(request, "Saved.")
            return HttpResponseRedirect(reverse("web:settings"))
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    context = {"form": form, "has_provider": bool(site_settings.SOCIALACCOUNT_PROVIDERS)}
    return render(request, "web/settings.html", context, status=status)


@act("export")
def download(request: HttpRequest) -> HttpResponse:
    """Everything that is held about the reader, as one JSON file."""
    reader = reader_of(request)
    response = JsonResponse(export(reader, now()), json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="broadsheet-{reader.username}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@reauthentication_required(app="allauth.account")  # type: ignore[untyped-decorator]
def leave(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays, and end the account when that is sent."""
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reader = Reader.objects.get(pk=reader_of(request).pk)
        accounts.leave(reader, form.cleaned_data["comments"] == "keep", now())
        logout(request)
        messages.success(request, "Your account is gone.")
        return HttpResponseRedirect(reverse("web:today"))
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "web/leave.html", {"form": form}, status=status)


def no_passwords(request: HttpRequest, **_: Any) -> HttpResponse:
    """What allauth has for passwords does not exist here."""
    raise Http404("Nobody has a password here: a code by mail or a passkey signs in.")


def sign_in_elsewhere(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the OpenID Connect provider, or say that it does not answer."""
    try:
        response: HttpResponse = openid_connect.login(request, provider_id)
    except (RequestException, ValueError, KeyError) as error:  # away, or not what a provider answers
        log.warning("the OpenID Connect provider does not answer as one: %s", error)
        provider = get_adapter().get_provider(request, provider_id)
        response = render_authentication_error(request, provider, exception=error)
    return response


_to_passkeys = RedirectView.as_view(pattern_name="mfa_list_webauthn")
_to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("settings", settings, name="settings"),
    path("settings/export", download, name="export"),
    path("settings/leave", leave, name="leave"),
    path("@<str:handle>", profile.profile, name="profile"),
    path("accounts/oidc/<str:provider_id>/login/", sign_in_elsewhere),
    path("accounts/reauthenticate/", ReauthenticateView.as_view()),
    path("accounts/password/<path:rest>", no_passwords),
    path("accounts/login/code/", _to_sign_in),
    path("accounts/2fa/", _to_passkeys),
    path("accounts/2fa/authenticate/", _to_sign_in),
    path(
        "accounts/2fa/reauthenticate/", RedirectView.as_view(pattern_name="account_reauthenticate", query_string=True)
    ),
]
