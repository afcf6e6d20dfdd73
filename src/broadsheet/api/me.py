"""The caller: whose token or session this is, and what it may do."""

from django.http import HttpRequest
from ninja import Router

from broadsheet.api.callers import caller_of
from broadsheet.api.responses import READING
from broadsheet.api.shapes import MeShape

router = Router(tags=["readers"])


@router.get("/me", response={200: MeShape, **READING})
def read_me(request: HttpRequest) -> MeShape:
    """The reader behind the call, and the scopes of the token; a session has both."""
    caller = caller_of(request)
    reader = caller.known()
    return MeShape(
        handle=reader.username,
        name=reader.name,
        role=reader.role,
        joined_at=reader.joined_at,
        scopes=sorted(caller.scopes),
    )
