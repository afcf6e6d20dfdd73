"""The forms of a subscription: what it is about, when it comes, and until when it pauses."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from broadsheet.community.models import Reader
from broadsheet.digests import wishes
from broadsheet.digests.addresses import read_address
from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Interest, Subscriber
from broadsheet.digests.wishes import Wishes

_RHYTHMS = (("daily", "every day"), ("weekdays", "Monday to Friday"), ("weekly", "once a week"))
_DAYS = tuple(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))
_HOURS = tuple((hour, f"{hour:02}:00") for hour in range(24))
_KINDS = {"topics": "topic", "searches": "search", "authors": "author", "collections": "collection"}
_PREFILLED = {"topics": "topic", "searches": "q", "authors": "author", "collections": "collection"}
_SLUG = re.compile(r"(?:^|/collections/)([\w-]{22})/?$", re.ASCII)
_LINES = {"rows": 2, "dir": "auto", "spellcheck": "false"}
_TEXT_LIMIT = 20_000


def _zones() -> Iterator[tuple[str, str]]:
    yield "UTC", "UTC"
    for zone in sorted(wishes.time_zones()):
        if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/")):
            yield zone, zone.replace("_", " ")


def _lines(label: str, help_text: str) -> forms.CharField:
    widget = forms.Textarea(_LINES)
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=_TEXT_LIMIT, widget=widget)


class WishesForm(forms.Form):
    """What a subscriber wants to hear of, a line each, and when. Whatever is left out is as it is by default."""

    trending = forms.BooleanField(label="What trends", required=False)
    topics = _lines("Topics", "One a line, as they stand under papers: cs.IR")
    searches = _lines("Searches", 'One a line, as you would type them: "low rank" after:2024')
    authors = _lines("Authors", "One a line")
    collections = _lines("Collections", "One a line: the address of a collection here")
    rhythm = forms.ChoiceField(label="It comes", choices=_RHYTHMS, required=False)
    weekday = forms.TypedChoiceField(label="Day, if once a week", choices=_DAYS, coerce=int, required=False)
    hour = forms.TypedChoiceField(label="At", choices=_HOURS, coerce=int, required=False)
    time_zone = forms.ChoiceField(label="Time zone", choices=_zones, required=False)
    size = forms.IntegerField(
        label="Papers", min_value=wishes.FEWEST, max_value=wishes.MOST, required=False,
        help_text=f"From {wishes.FEWEST} to {wishes.MOST}.",
    )  # fmt: skip

    about = ("topics", "searches", "authors", "collections")
    timing = ("rhythm", "weekday", "hour", "time_zone", "size")

    def __init__(self, *args: Any, viewer: Reader | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer

    def clean(self) -> dict[str, Any]:
        """Read each line; what is wrong with one is said beside its field."""
        for name in self.about:
            try:
                wishes.check(Wishes(interests=tuple(self._interests(name))), self.viewer)
            except DigestError as error:
                self.add_error(name, f"{error}.")
        return self.cleaned_data

    def wishes(self) -> Wishes:
        """What was asked for; call it where the form is valid."""
        default, given = Wishes(), self.cleaned_data
        interests = [pair for name in self.about for pair in self._interests(name)]
        if given["trending"] or not interests:
            interests.append(wishes.TRENDING)
        chosen = {
            name: given[name] if given[name] not in ("", None) else getattr(default, name) for name in self.timing
        }
        return Wishes(**chosen, interests=tuple(interests))

    def about_fields(self) -> Sequence[forms.BoundField]:
        """The fields of what it is about."""
        return [self[name] for name in self.about]

    def timing_fields(self) -> Sequence[forms.BoundField]:
        """The fields of when it comes and how long it is."""
        return [self[name] for name in self.timing]

    def opens_about(self) -> bool:
        """Whether there is anything to see in what it is about."""
        return any(self[name].value() or self[name].errors for name in self.about)

    def opens_timing(self) -> bool:
        """Whether something is wrong with when it comes."""
        return any(self[name].errors for name in self.timing)

    def _interests(self, name: str) -> list[tuple[str, str]]:
        lines = [line.strip() for line in self.cleaned_data.get(name, "").splitlines() if line.strip()]
        if name == "collections":
            lines = [found[1] if (found := _SLUG.search(line)) else line for line in lines]
        return [(_KINDS[name], line) for line in lines]


class SubscribeForm(WishesForm):
    """An address, and what it wants. `website` is seen by programs alone, which fill in whatever there is."""

    address = forms.CharField(
        label="E-mail address",
        strip=False,
        max_length=1_000,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "maxlength": 254}),
    )
    website = forms.CharField(
        required=False, max_length=1_000, widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"})
    )

    def clean_address(self) -> str:
        """The address in one form."""
        try:
            return read_address(self.cleaned_data["address"])
        except DigestError as error:
            raise forms.ValidationError(f"{error}.") from error


class PauseForm(forms.Form):
    """Until when nothing is sent."""

    until = forms.DateField(label="Send nothing before", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


def prefilled(query: QueryDict) -> dict[str, Any]:
    """What an address such as /subscribe?topic=cs.IR asks for, as the form begins with it."""
    given = {
        name: [" ".join(text.split())[: wishes.VALUE_LIMIT] for text in query.getlist(key)[: wishes.INTERESTS_LIMIT]]
        for name, key in _PREFILLED.items()
    }
    return {name: "\n".join(filter(None, lines)) for name, lines in given.items() if any(lines)}


def beginning(query: QueryDict, address: str = "") -> dict[str, Any]:
    """What the form of a new subscription begins with."""
    asked, default = prefilled(query), Wishes()
    timing = {name: getattr(default, name) for name in WishesForm.timing}
    return {"address": address, "trending": not asked, **timing, **asked}


def standing(subscriber: Subscriber, query: QueryDict) -> dict[str, Any]:
    """What the form of a subscription begins with: as it stands, and what an address adds."""
    now, asked = wishes.wishes_of(subscriber), prefilled(query)
    begins: dict[str, Any] = {name: getattr(now, name) for name in WishesForm.timing}
    for name, kind in _KINDS.items():
        lines = [value for other, value in now.interests if other == kind]
        added = [line for line in asked.get(name, "").splitlines() if line not in lines]
        begins[name] = "\n".join(lines + added)
    begins["trending"] = (Interest.Kind.TRENDING.value, "") in now.interests
    return begins
