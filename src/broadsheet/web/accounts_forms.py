"""The forms about a reader's own account."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.socialaccount.forms import DisconnectForm
from django import forms

from broadsheet.community import accounts
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Reader


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What others see of a reader, and whether mail is wanted."""

    orcid = forms.CharField(label="ORCID", max_length=60, required=False)

    class Meta:
        model = Reader
        fields = ("username", "name", "orcid", "about", "wants_mail")
        labels = {"username": "Handle", "about": "About you"}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "username": "Your page is /@handle, and others mention you by it.",
            "name": "Shown beside what you write; without one your handle is.",
        }
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}  # noqa: RUF012

    def clean_username(self) -> str:
        return _checked(accounts.check_handle, self.cleaned_data["username"], self.instance)

    def clean_name(self) -> str:
        return _checked(accounts.check_name, self.cleaned_data["name"])

    def clean_orcid(self) -> str:
        return _checked(accounts.read_orcid, self.cleaned_data["orcid"])


class LeaveForm(forms.Form):
    """What becomes of a reader's comments when the account ends."""

    comments = forms.ChoiceField(
        label="Your comments",
        choices=[("remove", "Remove their text"), ("keep", "Leave them, without my name")],
        initial="remove",
        widget=forms.RadioSelect,
    )


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey always signs in by itself: it is kept on the device and asks for finger, face or PIN."""

    passwordless = forms.BooleanField(initial=True, label="", widget=forms.CheckboxInput(attrs={"hidden": True}))


class DisconnectProviderForm(DisconnectForm):  # type: ignore[misc]
    """Any account elsewhere may be disconnected: a code by mail signs in without it."""

    def clean(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


def _checked(check: Callable[..., str], *values: object) -> str:
    try:
        return check(*values)
    except CommunityError as error:
        raise forms.ValidationError(f"{error}.") from error
