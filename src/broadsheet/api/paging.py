"""The way to the next page of a list: an address in the answer, and the same in a Link header (RFC 8288)."""

from django.http import HttpRequest, HttpResponse


def lead_on(request: HttpRequest, response: HttpResponse, **changed: object) -> str:
    """The address of this list with other parameters, put into the answer's Link header as its next page."""
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = str(value)
    address = f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
    response["Link"] = f'<{address}>; rel="next"'
    return address
