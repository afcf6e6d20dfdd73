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


def act(kind: str) -> Callable[[View], View]:
    """Let a view be reached by POST alone, by signed-in readers, and no oftener than the limits of its kind."""

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
    status, headers, advice = HTTPStatus.BAD_REQUEST, {}, []
    if isinstance(error, LimitReached):
        status, headers = HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(int(error.wait.total_seconds()))}
        advice = [f"Try again in {span(error.wait)}."]
    elif isinstance(error, NotAllowed):
        status = HTTPStatus.FORBIDDEN
    elif isinstance(error, Missing):
        status = HTTPStatus.NOT_FOUND
    if wants_json(request):
        return JsonResponse({"error": " ".join([f"{error}.", *advice])}, status=status, headers=headers)
    response = show(request, Problem(status, str(error), tuple(advice), shows_search=False))
    for name, value in headers.items():
        response[name] = value
    return response


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
