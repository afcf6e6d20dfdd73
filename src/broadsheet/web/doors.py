"""What every form of a reader passes: signed in, not too often, and back to a page of this site."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from broadsheet.community import limits
from broadsheet.community.errors import CommunityError, LimitReached, Missing, NotAllowed
from broadsheet.community.models import Reader
from broadsheet.web.errors import Problem, show
from broadsheet.web.words import span

View = Callable[..., HttpResponse]


def reader_of(request: HttpRequest) -> Reader:
    """The reader behind a request that a door has let in."""
    assert isinstance(request.user, Reader)
    return request.user


def act(kind: str, refused: View | None = None) -> Callable[[View], View]:
    """Let a view be reached by POST alone, by signed-in readers, and no oftener than the limits of its kind.

    What was not done is told by `refused`, which is called as the view with the error as `error=`, else by `refuse`.
    """

    def decorate(view: View) -> View:
        @require_POST
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in(request)
            try:
                limits.spend(kind, reader_of(request).pk, address_of(request))
                return view(request, *args, **kwargs)
            except CommunityError as error:
                if refused and not wants_json(request):
                    return refused(request, *args, error=error, **kwargs)
                return refuse(request, error)

        return guarded

    return decorate


def sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page and from there back to the page the form stood on."""
    if wants_json(request):
        return JsonResponse({"error": "Sign in first."}, status=HTTPStatus.UNAUTHORIZED)
    return redirect_to_login(next_page(request))


def refuse(request: HttpRequest, error: CommunityError) -> HttpResponse:
    """Say why an act was not done, as a page or as JSON."""
    status, advice = status_of(error), []
    headers: dict[str, str] = {}
    if isinstance(error, LimitReached):
        headers, advice = {"Retry-After": str(int(error.wait.total_seconds()))}, [_patience(error)]
    if wants_json(request):
        return JsonResponse({"error": told(error)}, status=status, headers=headers)
    response = show(request, Problem(status, str(error), tuple(advice), shows_search=False))
    for name, value in headers.items():
        response[name] = value
    return response


def status_of(error: CommunityError) -> HTTPStatus:
    """The status of an answer that says why an act was not done."""
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            return status
    return HTTPStatus.BAD_REQUEST


_STATUS: dict[type[CommunityError], HTTPStatus] = {
    LimitReached: HTTPStatus.TOO_MANY_REQUESTS,
    NotAllowed: HTTPStatus.FORBIDDEN,
    Missing: HTTPStatus.NOT_FOUND,
}


def told(error: CommunityError) -> str:
    """Why an act was not done, and when it may be tried again."""
    return f"{error}. {_patience(error)}" if isinstance(error, LimitReached) else f"{error}."


def _patience(error: LimitReached) -> str:
    return f"Try again in {span(error.wait)}."


def address_of(request: HttpRequest) -> str:
    """The network address a request came from; the server has put a trusted proxy's word for it there."""
    return str(request.META.get("REMOTE_ADDR", ""))


def wants_json(request: HttpRequest) -> bool:
    """Whether a script of ours asks, which shows the answer itself."""
    return request.headers.get("Accept") == "application/json"


def next_page(request: HttpRequest, default: str = "/") -> str:
    """The page of this site that a form asks to come back to; anything else reads as the default.

    A path begins with one slash, and browsers read a backslash as another and skip control characters.
    """
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if not asked.startswith("/") or asked.startswith("//") or "\\" in asked or any(char < "!" for char in asked):
        return default
    parts = urlsplit(asked)
    return default if parts.scheme or parts.netloc else asked


def now() -> datetime:
    """This moment; doors alone read the clock."""
    return datetime.now(UTC)
