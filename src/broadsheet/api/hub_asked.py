"""What the clients of the Hugging Face Hub may ask of its papers API, in that API's own words and limits."""

from http import HTTPStatus
from typing import Annotated, Literal, Self, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, Field, ValidationError, model_validator

from broadsheet.api.errors import Refusal
from broadsheet.api.lists import Day, Month, Week
from broadsheet.api.shapes import Limit, Text
from broadsheet.community.comments import LENGTH_LIMIT

REACH = 25_000
"""How deep a list is paged by number; `GET /api/papers` goes on to its end."""
QUERY = 250
"""How many characters a search may have."""
FOUND = 120
"""How many papers a search gives at most."""

Sort = Literal["publishedAt", "trending"]


class Daily(BaseModel):
    """A page of a daily list: of one `date`, `week` or `month`, of what one `submitter` brought, or of all days."""

    p: Annotated[int, Field(ge=0, le=REACH)] = 0
    limit: Limit = 50
    sort: Sort = "publishedAt"
    date: Day | None = None
    week: Week | None = None
    month: Month | None = None
    submitter: Annotated[Text, Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        spans = [name for name in ("date", "week", "month") if getattr(self, name)]
        if len(spans) > 1:
            raise ValueError(f"ask for one list, by {' or by '.join(spans)}")
        if self.offset > REACH:
            raise ValueError(f"lists are paged to their paper {REACH:,}; choose a month, or walk GET /api/papers")
        return self

    @property
    def offset(self) -> int:
        """How many papers stand before the page."""
        return self.p * self.limit


class Searched(BaseModel):
    """What is searched for; without words, the newest papers."""

    q: Annotated[Text, Field(max_length=QUERY)] = ""
    limit: Annotated[int, Field(ge=1, le=FOUND)] = 20


class Walked(BaseModel):
    """A piece of the list of all papers, behind the one that the cursor names."""

    cursor: Annotated[Text, Field(max_length=200)] = ""
    limit: Limit = 50


class Written(BaseModel):
    """A comment to write, in Markdown."""

    comment: Annotated[Text, Field(min_length=1, max_length=2 * LENGTH_LIMIT)]


Asked = TypeVar("Asked", bound=BaseModel)


def read(request: HttpRequest, shape: type[Asked]) -> Asked:
    """The parameters of an address, of which unknown ones are ignored. Raises Refusal for the first that is bad."""
    try:
        return shape.model_validate(request.GET.dict())
    except ValidationError as error:
        raise _refusal(error) from None


def read_body(request: HttpRequest, shape: type[Asked]) -> Asked:
    """What is sent as JSON. Raises Refusal for the first thing that does not fit."""
    try:
        return shape.model_validate_json(request.body, strict=True)
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> Refusal:
    first = error.errors(include_url=False)[0]
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "too_long":  # which pydantic says of a list, and of a text that was checked before
        said = f"write at most {first['ctx']['max_length']} characters"
    name = f"{first['loc'][0]}: " if first["loc"] else ""
    return Refusal(HTTPStatus.BAD_REQUEST, f"{name}{said[:1].lower()}{said[1:]}")
