"""People, workspaces, teams and tokens. Rights are guardian grants; Membership only names the role."""

import hashlib
import secrets
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from guardian.mixins import GuardianUserMixin
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.grants import granted_ids
from itag.core.text import fold, looks_like_another

#: Grants on a workspace that let a person see the other people in it.
STAFF_GRANTS = ("manage_workspace", "lead_workspace", "create_in_workspace")
#: The grant of a supplier's leader: over the people of the supplier teams that they lead, nobody else.
SUPPLIER_GRANT = "lead_supplier"


def led_suppliers(user: Any) -> "TeamQuerySet":
    """The supplier teams whose people the person manages."""
    return Team.objects.filter(
        is_supplier=True,
        leaders=user,
        workspace__in=granted_ids(user, Workspace, SUPPLIER_GRANT),
    )


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> "UserQuerySet":
        """Oneself, the people of the workspaces where the person may manage, lead or create, and of led suppliers."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        led = granted_ids(user, Workspace, *STAFF_GRANTS)
        return self.filter(
            Q(pk=user.pk)
            | Q(pk__in=Membership.objects.filter(workspace__in=led).values("user_id"))
            | Exists(led_suppliers(user).filter(group__user=OuterRef("pk")))
        )


def no_look_alike(name: str) -> None:
    """Refuse names that the eye takes for somebody else's."""
    if looks_like_another(name):
        raise ValidationError(
            _("The name mixes letters that look alike; write it in one alphabet."),
            code="look_alike",
        )


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc]
    """Makes people; the email address is optional."""

    def create_user(
        self, username: str, password: str | None = None, email: str = "", **fields: Any
    ) -> "User":
        user = self.model(username=fold(username), email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, password: str | None = None, email: str = "", **fields: Any
    ) -> "User":
        return self.create_user(
            username, password, email, is_staff=True, is_superuser=True, **fields
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=fold(username or ""))


class User(AbstractBaseUser, PermissionsMixin, GuardianUserMixin):
    """A person who signs in by user name or email."""

    username = models.CharField(
        _("user name"),
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"^[\w.+-]+\Z", _("Use letters, digits and the characters . + - _ only.")
            ),
            no_look_alike,
        ],
    )
    email = models.EmailField(_("email address"), blank=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=[("en", "English"), ("zh-hans", "简体中文")],
    )
    is_staff = models.BooleanField(_("may use the administration pages"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(
        _("must choose a new password"), default=False, editable=False
    )
    #: Sessions begun under another number are over.
    session_number = models.PositiveIntegerField(default=0, editable=False)
    claim_next = models.BooleanField(_("take the next package by itself"), default=False)
    #: {event: ["app", "email"]}; an event that is not named is told in the app only.
    notices = models.JSONField(_("notices"), default=dict, blank=True)
    #: {binding of the labeling page: the keys that it has instead of its own}; see accounts.shortcuts.
    shortcuts = models.JSONField(_("shortcuts"), default=dict, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo account"), default=False, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_name_unique_without_case"),
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="user_email_unique_without_case"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args: Any, **options: Any) -> None:
        """A new password ends the tokens made under the old one, as Django ends the other sessions."""
        changed = self.pk is not None and getattr(self, "_password", None) is not None
        super().save(*args, **options)
        if changed:
            self.end_tokens()

    def end_tokens(self) -> None:
        """Revoke every API token of the person that still works."""
        self.api_tokens.filter(revoked_at=None).update(revoked_at=timezone.now())

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's own, which ends with the password, and with the number too."""
        if not self.session_number:
            return super()._get_session_auth_hash(secret=secret)  # type: ignore[misc,no-any-return]
        key = "accounts.models.User.session_number"
        value = f"{self.password}\n{self.session_number}"
        return salted_hmac(key, value, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.username


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def visible_to(self, user: Any) -> "WorkspaceQuerySet":
        """The workspaces the person is an active member of; all for a superuser."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(pk__in=granted_ids(user, Workspace, "view_workspace"))


class Workspace(models.Model):
    """Where a team's datasets, templates and jobs live (iTAG: tenant)."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    #: {"days": [1…7, Monday first], "opens": "09:00", "closes": "17:00"}; {} is Monday to Friday, 9 to 17 o'clock.
    calendar = models.JSONField(_("working calendar"), default=dict, blank=True)
    is_default = models.BooleanField(_("default workspace"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="workspace_one_default",
            )
        ]
        permissions = [
            ("manage_workspace", "Can manage members, credentials and the workspace"),
            ("create_in_workspace", "Can create datasets, templates and jobs"),
            ("lead_workspace", "Can manage workers and assign people to jobs"),
            ("lead_supplier", "Can manage the workers of the supplier teams that they lead"),
        ]

    def __str__(self) -> str:
        return self.name


class WorkspaceUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Workspace, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        indexes = [models.Index(fields=["user", "permission"], name="workspace_grant_user")]


class WorkspaceGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Workspace, on_delete=models.CASCADE)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: Any) -> "MembershipQuerySet":
        """One's own, those of the workspaces where the person may manage, lead or create, and of led suppliers."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        supplied = led_suppliers(user).filter(
            workspace=OuterRef("workspace"), group__user=OuterRef("user")
        )
        return self.filter(
            Q(user=user)
            | Q(workspace__in=granted_ids(user, Workspace, *STAFF_GRANTS))
            | Exists(supplied)
        )

    def for_list(self) -> "MembershipQuerySet":
        return self.select_related("user", "workspace")


class Membership(models.Model):
    """Names a person's role in a workspace; its service writes the grants in the same transaction."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Administrator")
        LABEL_ADMIN = "label_admin", _("Annotation administrator")
        LEADER = "leader", _("Team leader")
        OPERATOR = "operator", _("Labeling worker")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["workspace", "user__username"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "user"], name="membership_once_per_workspace"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: Any) -> "TeamQuerySet":
        """The person's own teams, and those of the workspaces where they may manage, lead or create."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(workspace__in=granted_ids(user, Workspace, *STAFF_GRANTS))
            | Q(
                group__in=user.groups.values("pk"),
                workspace__in=granted_ids(user, Workspace, "view_workspace"),
            )
            | Q(pk__in=led_suppliers(user).values("pk"))
        )

    def for_list(self) -> "TeamQuerySet":
        return self.select_related("workspace", "group").prefetch_related(
            "group__user_set", "leaders"
        )


class Team(models.Model):
    """People who take work together; job stages are granted to its group."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="teams")
    name = models.CharField(_("name"), max_length=100)
    group = models.OneToOneField(Group, models.PROTECT, related_name="team", editable=False)
    is_supplier = models.BooleanField(_("supplier"), default=False)
    leaders = models.ManyToManyField(User, related_name="led_teams", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                F("workspace"), Lower("name"), name="team_name_unique_in_workspace"
            )
        ]

    def __str__(self) -> str:
        return self.name


def hash_token(token: str) -> str:
    """SHA-256 of a token of 256 random bits; a slow hash would add nothing to such a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: Any) -> "ApiTokenQuerySet":
        """One's own tokens; nobody, superusers included, sees another person's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(user=user)

    def valid(self) -> "ApiTokenQuerySet":
        """Neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class ApiToken(models.Model):
    """A bearer token; only its hash is kept."""

    PREFIX = "itag_"

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name or f"{self.user} · {self.created_at:%Y-%m-%d}"

    @classmethod
    def new_secret(cls) -> str:
        """A fresh token as the client will send it."""
        return cls.PREFIX + secrets.token_urlsafe(32)


class OneTimeLinkQuerySet(models.QuerySet["OneTimeLink"]):
    def visible_to(self, user: Any) -> "OneTimeLinkQuerySet":
        """Those one made, and those into the workspaces that the person manages."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(created_by=user) | Q(workspace__in=granted_ids(user, Workspace, "manage_workspace"))
        )

    def open(self) -> "OneTimeLinkQuerySet":
        """Neither used nor expired."""
        return self.filter(used_at=None, expires_at__gt=timezone.now())


class OneTimeLink(models.Model):
    """A link that makes the first administrator, or lets an invited person in; used once."""

    class Purpose(models.TextChoices):
        SETUP = "setup", _("First administrator")
        INVITE = "invite", _("Invitation")

    purpose = models.CharField(max_length=16, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, blank=True)
    role = models.CharField(max_length=16, choices=Membership.Role, blank=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OneTimeLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("one-time link")
        verbose_name_plural = _("one-time links")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.created_at:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """When a background process (`worker`, `beat`) was last seen; `/healthz` reads it."""

    name = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
