"""The first version of the API: its operations in the order in which addresses are tried."""

import json
from http import HTTPStatus
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.parser import Parser

from broadsheet.api import collections, comments, errors, examples, me, papers, votes
from broadsheet.api.callers import BearerToken, SiteSession
from broadsheet.api.errors import Refusal
from broadsheet.api.responses import PUBLIC, READING
from broadsheet.api.shapes import RootShape


class StrictJson(Parser):
    """Reads a body as JSON and nothing more: no NaN, no nesting deeper than Python reads."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's value. Raises Refusal."""
        try:
            return json.loads(request.body, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, "The body is not JSON") from error


class Api(NinjaAPI):
    """django-ninja with short operation ids, and answers that no shared cache keeps."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the function."""
        return operation.view_func.__name__

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """An answer to fill, which depends on who asks."""
        response = super().create_temporal_response(request)
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response


api = Api(
    title="Broadsheet",
    version="1",
    description="Papers, votes, comments and collections of this site. Errors are one JSON object: "
    "`error`, a sentence, and `where`, the field it is about.",
    urls_namespace="api",
    docs_url=None,
    docs_decorator=require_safe,
    parser=StrictJson(),
    auth=[BearerToken(), SiteSession()],
)
errors.listen(api)


@api.get("/", response={200: RootShape, **READING}, tags=["about"], openapi_extra=PUBLIC, url_name="api-root")
def read_root(request: HttpRequest) -> RootShape:
    """Where the description of the API is."""
    return RootShape(name="Broadsheet", version=1, openapi=request.build_absolute_uri("openapi.json"))


api.add_router("", me.router)
api.add_router("", votes.router)
api.add_router("", comments.router)
api.add_router("", collections.router)
api.add_router("", papers.router)
api.add_router("", examples.router)
api.add_router("", papers.last)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
