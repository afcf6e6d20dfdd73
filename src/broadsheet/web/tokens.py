"""The tokens of a reader's programs: make, see once, revoke."""

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.community import tokens
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Token
from broadsheet.web.doors import act, now, reader_of

_READS, _WRITES = Token.Scope.READ.value, f"{Token.Scope.READ.value} {Token.Scope.WRITE.value}"


class TokenForm(forms.Form):
    """What a token is called and what it may do."""

    name = forms.CharField(
        max_length=tokens.NAME_LIMIT,
        help_text="What uses it, such as “notes script on my laptop”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.ChoiceField(
        label="It may",
        choices=[(_READS, "read what I can read"), (_WRITES, "read, and vote, comment and collect in my name")],
        initial=_READS,
        widget=forms.RadioSelect,
    )


@require_safe
@never_cache
@login_required
def show_tokens(request: HttpRequest) -> HttpResponse:
    """A reader's tokens, and the form for another one."""
    return _page(request, TokenForm())


@act("token")
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token. Its secret stands in this one answer, which is kept by no cache and by nobody here."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    name, scopes = form.cleaned_data["name"], form.cleaned_data["scopes"].split()
    try:
        token, secret = tokens.issue(reader_of(request), name, scopes, now())
    except CommunityError as error:
        form.add_error(None, f"{error}.")
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    return _page(request, TokenForm(), made=token, secret=secret)


@act("profile")
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    tokens.revoke(reader_of(request), token_id)
    messages.success(request, "Revoked. Programs with this token are signed out.")
    return HttpResponseRedirect(reverse("web:tokens"))


def _page(
    request: HttpRequest,
    form: TokenForm,
    made: Token | None = None,
    secret: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    context = {"form": form, "tokens": tokens.of(reader_of(request)), "made": made, "secret": secret, "now": now()}
    return render(request, "web/tokens.html", context, status=status)


urlpatterns = [
    path("settings/tokens", show_tokens, name="tokens"),
    path("settings/tokens/new", make_token, name="make_token"),
    path("settings/tokens/<int:token_id>/revoke", revoke_token, name="revoke_token"),
]
