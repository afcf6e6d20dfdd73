"""The way to the next page of a list: an address in the answer, and the same in a Link header (RFC 8288)."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, Field

from broadsheet.api.shapes import Limit


class Piece(BaseModel):
    """Which part of a list is wanted."""

    limit: Limit = 20
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


def lead_on(request: HttpRequest, response: HttpResponse, **changed: object) -> str:
    """The address of this list with other parameters, put into the answer's Link header as its next page."""
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = str(value)
    address = f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
    response["Link"] = f'<{address}>; rel="next"'
    return address
