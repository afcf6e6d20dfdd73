"""Showing again who you are by a code sent by mail, for readers without a passkey at hand."""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from broadsheet.web.doors import reader_of

_KEY = "broadsheet_reauthentication"


class MailedCode(AbstractCodeVerificationProcess):  # type: ignore[misc]
    """A code for the reader who is signed in, kept in the session, with allauth's limits of time and tries."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            state=state,
            user=reader_of(request),
        )

    @classmethod
    def begin(cls, request: HttpRequest) -> "MailedCode":
        """Make a code and send it to the reader's address."""
        begun = cls(request, cls.initial_state(reader_of(request), reader_of(request).email))
        begun.state["code"] = get_adapter().generate_login_code()
        begun.send()
        begun.persist()
        return begun

    @classmethod
    def pending(cls, request: HttpRequest) -> "MailedCode | None":
        """The code that was sent and still holds, if there is one."""
        state = request.session.get(_KEY)
        if not state or state.get("email") != reader_of(request).email:
            return None
        found: MailedCode | None = cls(request, state).abort_if_invalid()
        return found

    def send(self) -> None:
        get_adapter().send_mail("account/email/login_code", self.state["email"], {"code": self.code})

    def persist(self) -> None:
        self.request.session[_KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(_KEY, None)


@method_decorator([never_cache, login_required], name="dispatch")
class ReauthenticateView(BaseReauthenticateView):  # type: ignore[misc]
    """Send a code, take it, and go on with what the reader was about to do."""

    form_class = ConfirmLoginCodeForm
    template_name = "account/reauthenticate.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.sent = MailedCode.pending(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        here = self.passthrough_next_url(reverse("account_reauthenticate"))
        if "send" in request.POST or self.sent is None:
            email = reader_of(request).email
            if refused := ratelimit.consume_or_429(request, action="request_login_code", key=email.lower()):
                return refused  # type: ignore[no-any-return]
            MailedCode.begin(request)
            return HttpResponseRedirect(here)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "code": self.sent.code if self.sent else ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "is_sent": self.sent is not None}

    def form_invalid(self, form: ConfirmLoginCodeForm) -> HttpResponse:
        assert self.sent is not None
        if not self.sent.record_invalid_attempt():
            messages.error(self.request, get_adapter().error_messages["too_many_login_attempts"])
            return HttpResponseRedirect(self.passthrough_next_url(reverse("account_reauthenticate")))
        response: HttpResponse = super().form_invalid(form)
        return response

    def form_valid(self, form: ConfirmLoginCodeForm) -> HttpResponse:
        assert self.sent is not None
        self.sent.abort()
        record_authentication(self.request, reader_of(self.request), method="code", reauthenticated=True)
        response: HttpResponse = super().form_valid(form)
        return response
