"""Who calls: a reader's program with a token, a page of this site with its session, or nobody known.

A call with an Authorization header is judged by it alone, so a wrong token never falls back to a cookie. A session may
write only with what a page of another site cannot send: the CSRF token, from a fitting origin.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security import APIKeyCookie, HttpBearer

from broadsheet.api.errors import Refusal
from broadsheet.community import limits, tokens
from broadsheet.community.models import Reader, Token

SAFE = ("GET", "HEAD", "OPTIONS")
READS_BY_POST = frozenset({"find_like"})
"""The names of addresses that change nothing, though what is asked is sent in a body."""
BODY_LIMIT = 1024 * 1024
_SCOPES = frozenset(Token.Scope.values)
_SIGN_IN = "This needs a token: send the header “Authorization: Bearer bs_…”"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, from where, and what they may do."""

    reader: Reader | None
    address: str
    scopes: frozenset[str] = _SCOPES

    def known(self) -> Reader:
        """The reader behind the call. Raises Refusal where it is nobody."""
        if self.reader is None:
            raise Refusal(HTTPStatus.UNAUTHORIZED, _SIGN_IN, headers={"WWW-Authenticate": "Bearer"})
        return self.reader

    def acts(self, kind: str) -> Reader:
        """The reader behind a call that changes something, counted against the limits of its kind."""
        reader = self.known()
        limits.spend(kind, reader.pk, self.address)
        return reader


class BearerToken(HttpBearer):
    """A token in the Authorization header."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        """The caller by their token. Raises Refusal for a header that holds no token of this site."""
        given = request.headers.get("Authorization")
        if given is None:
            return None
        scheme, _, secret = given.strip().partition(" ")
        token = tokens.find(secret.strip(), now()) if scheme.casefold() == "bearer" else None
        address = _address(request)
        if token is None:
            limits.spend("read", None, address)
            headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise Refusal(HTTPStatus.UNAUTHORIZED, "This token is unknown here or was revoked", headers=headers)
        caller = Caller(token.reader, address, frozenset(token.scopes))
        return _admit(request, caller)

    def authenticate(self, request: HttpRequest, token: str) -> None:
        """Unused: `__call__` reads the header itself."""


class SiteSession(APIKeyCookie):
    """The session of a reader who is signed in on this site; without one the caller is nobody known."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Caller:
        """The caller by their session. Raises Refusal for a write that a page of this site did not send."""
        if "Authorization" in request.headers:
            raise Refusal(HTTPStatus.UNAUTHORIZED, _SIGN_IN, headers={"WWW-Authenticate": "Bearer"})
        reader = request.user if isinstance(request.user, Reader) else None
        caller = Caller(reader, _address(request))
        if not _is_reading(request):
            caller.known()
            if _is_forged(request):
                raise Refusal(HTTPStatus.FORBIDDEN, "A call with a session needs the header X-CSRFToken; use a token")
        return _admit(request, caller)

    def authenticate(self, request: HttpRequest, key: str | None) -> None:
        """Unused: `__call__` asks the session middleware."""


def caller_of(request: HttpRequest) -> Caller:
    """The caller whom the door let in."""
    caller = request.auth  # type: ignore[attr-defined]
    assert isinstance(caller, Caller)
    return caller


def now() -> datetime:
    """This moment; doors alone read the clock."""
    return datetime.now(UTC)


class _Check(CsrfViewMiddleware):
    """Django's own check of token and origin, which tells instead of answering with a page."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=HTTPStatus.FORBIDDEN)


def _is_forged(request: HttpRequest) -> bool:
    check = _Check(lambda _: HttpResponse())
    request.csrf_processing_done = False  # type: ignore[attr-defined]
    check.process_request(request)
    return check.process_view(request, lambda _: HttpResponse(), (), {}) is not None


def _admit(request: HttpRequest, caller: Caller) -> Caller:
    """Let a caller in whose scopes, pace and body fit. Raises Refusal or LimitReached."""
    limits.spend("read", caller.reader.pk if caller.reader else None, caller.address)
    if request.method in SAFE:
        return caller
    if not _is_reading(request) and Token.Scope.WRITE not in caller.scopes:
        headers = {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="write"'}
        raise Refusal(HTTPStatus.FORBIDDEN, "This token may only read; make one that may write", headers=headers)
    if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
        raise Refusal(HTTPStatus.LENGTH_REQUIRED, "Say with Content-Length how much you send")
    length = _length(request)
    if length > BODY_LIMIT:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is more than a call may send")
    if length and request.content_type != "application/json":
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json")
    return caller


def _is_reading(request: HttpRequest) -> bool:
    """Whether a call changes nothing, so that anybody may make it."""
    match = request.resolver_match
    return request.method in SAFE or (
        request.method == "POST" and match is not None and match.url_name in READS_BY_POST
    )


def _length(request: HttpRequest) -> int:
    said = request.headers.get("Content-Length") or "0"
    if not (said.isascii() and said.isdigit() and len(said) < 20):
        raise Refusal(HTTPStatus.BAD_REQUEST, "The Content-Length is not a number")
    return int(said)


def _address(request: HttpRequest) -> str:
    """The network address a call came from; the server has put a trusted proxy's word for it there."""
    return str(request.META.get("REMOTE_ADDR", ""))
