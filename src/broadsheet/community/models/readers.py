"""Readers: people with an account, what they may do, and the tokens of their programs."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

HANDLE = r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?"
"""A reader's handle, as it stands in addresses and after @."""
ORCID = r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]"


class Role(models.TextChoices):
    """What a reader may do besides reading, voting and writing: feature papers, settle reports, or everything."""

    READER = "reader"
    EDITOR = "editor"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Readers(BaseUserManager["Reader"]):
    """Makes readers; nobody has a password."""

    def create_user(self, username: str, email: str = "", **fields: Any) -> "Reader":
        """Make a reader with a handle and an address."""
        reader = self.model(username=username, email=self.normalize_email(email), **fields)
        reader.set_unusable_password()
        reader.save(using=self._db)
        return reader


class Reader(AbstractBaseUser):
    """A person with an account. `username` is the handle; `name` is what others see, if it is given.

    A reader who `is_limited` notices nothing, but nobody else sees or counts what they do from then on.
    `credentials` counts changes of address and passkeys: a session carries the count it began with and ends with it.
    """

    username = models.CharField(
        "handle",
        max_length=30,
        unique=True,
        validators=[RegexValidator(rf"^{HANDLE}\Z", "Use small letters, digits and hyphens.")],
    )
    email = models.EmailField("e-mail", max_length=254)
    name = models.CharField(max_length=100, blank=True)
    orcid = models.CharField("ORCID", max_length=19, blank=True)
    about = models.TextField(max_length=1_000, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.READER)
    wants_mail = models.BooleanField("mail me replies and mentions", default=True)
    is_active = models.BooleanField(default=True)
    is_limited = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    credentials = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["email"]

    objects: ClassVar = Readers()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="one_reader_an_address"),
        ]

    @property
    def shown_name(self) -> str:
        """The name others see."""
        return self.name or self.username

    @property
    def is_editor(self) -> bool:
        """Whether this reader may feature papers and check author claims."""
        return self.is_active and self.role in (Role.EDITOR, Role.ADMIN)

    @property
    def is_moderator(self) -> bool:
        """Whether this reader may settle reports and act on comments and readers."""
        return self.is_active and self.role in (Role.MODERATOR, Role.ADMIN)

    @property
    def is_staff(self) -> bool:
        """Whether this reader may enter the administration pages."""
        return self.is_active and self.role == Role.ADMIN

    def has_perm(self, permission: str, row: object = None) -> bool:
        """Whether the administration pages allow this; an admin may do everything, others nothing."""
        return self.is_staff

    def has_module_perms(self, label: str) -> bool:
        """Whether the administration pages show a room."""
        return self.is_staff

    def get_session_auth_hash(self) -> str:
        """What a session must match to live on: it changes with the address and with every passkey."""
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> list[str]:
        """No session outlives a change of what it was made from."""
        return []

    def _session_hash(self) -> str:
        carried = f"{self.pk}|{self.email}|{self.credentials}|{self.password}"
        return salted_hmac("broadsheet.community.session", carried, algorithm="sha256").hexdigest()

    def __str__(self) -> str:
        return self.username


class Token(models.Model):
    """A key of a reader's program: shown once, kept as a digest, good for its scopes until revoked."""

    class Scope(models.TextChoices):
        """What a program may do in its reader's name."""

        READ = "read"
        WRITE = "write"

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
